// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "model/endpoint.hpp"

namespace keeper {

/// Every kernel with MPTCP has room for at least this many endpoints, including implicit ones.
constexpr std::uint32_t least_endpoint_capacity = 8;
/// No kernel has room for more: there are no more ids.
constexpr std::uint32_t most_endpoint_capacity = 255;
/// Every kernel with MPTCP accepts at least this value for either limit.
constexpr std::uint32_t least_limit_maximum = 8;

/// What the running kernel accepts, learned from its replies: distributions backport, so the release number
/// proves nothing. Forgotten at a reboot and by a reset.
struct KernelBounds {
    /// The size of its endpoint table; std::nullopt until it has refused an endpoint.
    std::optional<std::uint32_t> endpoint_capacity = {};
    /// The largest value of a limit; std::nullopt until it has refused one.
    std::optional<std::uint32_t> limit_maximum = {};
    EndpointFlags kept_flags = {};    ///< flags that it shows on endpoints
    EndpointFlags dropped_flags = {}; ///< flags that it dropped although it reported success
    friend bool operator==(const KernelBounds&, const KernelBounds&) = default;
};

} // namespace keeper
