// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "model/connection.hpp"
#include "model/observed.hpp"
#include "plan/change.hpp"

namespace keeper {

/// The effect of endpoint actions on live connections.
struct ImpactOnConnections {
    Impact impact = Impact::none;
    std::uint32_t connections = 0; ///< how many have a subflow on one of the addresses
    friend bool operator==(const ImpactOnConnections&, const ImpactOnConnections&) = default;
};

/// Follows the kernel's behaviour: an addition or the backup flag disturbs nothing, fullmesh rebuilds the
/// subflows of the address, and a deletion closes them, and with them a connection without other subflows. If
/// the connections are unknown, any action that disturbs an address may close one.
[[nodiscard]] ImpactOnConnections
impact_of(const std::vector<EndpointAction>& actions, const Observed<std::vector<Connection>>& connections);

} // namespace keeper
