#pragma once

#include <cstdint>
#include <optional>

#include "model/endpoint.hpp"

namespace keeper {

/// Every kernel with MPTCP has room for that many endpoints, implicit ones counted.
constexpr std::uint32_t least_endpoint_capacity = 8;
/// No kernel has room for more: there are no more ids.
constexpr std::uint32_t most_endpoint_capacity = 255;
/// Every kernel with MPTCP accepts that much for either limit.
constexpr std::uint32_t least_limit_maximum = 8;

/// What the running kernel was seen to accept, learned from its own answers: distributions backport, so its
/// release number proves nothing. Forgotten at a reboot and by a reset.
struct KernelBounds {
    /// How many endpoints its table holds; nothing while it has not refused one.
    std::optional<std::uint32_t> endpoint_capacity = {};
    /// The largest value of a limit; nothing while it has not refused one.
    std::optional<std::uint32_t> limit_maximum = {};
    EndpointFlags kept_flags = {};    ///< flags that it shows on endpoints
    EndpointFlags dropped_flags = {}; ///< flags that it dropped from an endpoint and reported success
    friend bool operator==(const KernelBounds&, const KernelBounds&) = default;
};

} // namespace keeper
