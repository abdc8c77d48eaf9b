// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/learned_bounds.hpp"

#include <algorithm>

namespace keeper {

namespace {

/// Flags that every kernel with MPTCP has: an endpoint that lacks one was changed by another program.
constexpr EndpointFlags first_flags{EndpointFlag::signal, EndpointFlag::subflow, EndpointFlag::backup};

EndpointFlags minus(EndpointFlags flags, EndpointFlags others) {
    return EndpointFlags::from_raw(flags.raw() & ~others.raw());
}

EndpointFlags all_flags(const std::vector<Endpoint>& endpoints) {
    EndpointFlags flags;
    for (const Endpoint& endpoint : endpoints) {
        flags = flags | endpoint.flags;
    }
    return flags;
}

/// The requested flags that an endpoint lacks after it was added.
EndpointFlags lacking(EndpointFlags requested, EndpointFlags shown) {
    return minus(minus(requested, shown), first_flags);
}

} // namespace

std::size_t endpoint_capacity(const ObservedState& observed, const KernelBounds& kernel) {
    const std::uint32_t learned =
        std::max(kernel.endpoint_capacity.value_or(most_endpoint_capacity), least_endpoint_capacity);
    return observed.endpoints.or_empty().size() > learned ? most_endpoint_capacity : learned;
}

EndpointFlags kept_flags(const ObservedState& observed, const KernelBounds& kernel) {
    return kernel.kept_flags | all_flags(observed.endpoints.or_empty());
}

EndpointFlags dropped_flags(const ObservedState& observed, const Ownership& ownership) {
    EndpointFlags dropped = ownership.kernel.dropped_flags;
    for (const auto& [key, owned] : ownership.endpoints) {
        const Endpoint* endpoint = find_endpoint(observed, key);
        if (endpoint != nullptr && !endpoint->is_implicit()) {
            // Another program can clear fullmesh with SET_FLAGS at any time.
            dropped = dropped | lacking(owned.requested, endpoint->flags).without(EndpointFlag::fullmesh);
        }
    }
    return minus(dropped, kept_flags(observed, ownership.kernel));
}

KernelBounds
learn_flags(KernelBounds kernel, const std::vector<Endpoint>& requested, const std::vector<Endpoint>& shown) {
    kernel.kept_flags = kernel.kept_flags | minus(all_flags(shown), first_flags);
    for (const Endpoint& endpoint : requested) {
        const auto found = std::find_if(shown.begin(), shown.end(), [&](const Endpoint& other) {
            return other.key == endpoint.key && !other.is_implicit();
        });
        if (found != shown.end()) {
            kernel.dropped_flags = kernel.dropped_flags | lacking(endpoint.flags, found->flags);
        }
    }
    kernel.dropped_flags = minus(kernel.dropped_flags, kernel.kept_flags);
    return kernel;
}

} // namespace keeper
