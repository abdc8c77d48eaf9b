#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// What a set of endpoint actions does to the connections that live now.
struct ImpactOnConnections {
    Impact impact = Impact::none;
    std::uint32_t connections = 0; ///< how many have a subflow on one of the addresses
    friend bool operator==(const ImpactOnConnections&, const ImpactOnConnections&) = default;
};

/// Judges by the kernel's behaviour: an addition and the backup flag disturb nothing, fullmesh rebuilds the
/// address's subflows, deletion closes them, and with them a connection that has no other. Where the
/// connections are not known, whatever disturbs an address may close one.
[[nodiscard]] ImpactOnConnections
impact_of(const std::vector<EndpointAction>& actions, const Observed<std::vector<Connection>>& connections);

} // namespace keeper
