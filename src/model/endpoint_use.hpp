#pragma once

#include "model/endpoint.hpp"

namespace keeper {

/// Whether the path manager ever uses an endpoint with these flags: it announces it (signal), opens subflows
/// from it (subflow), or uses it for addresses that the peer announces (fullmesh, laminar). The kernel
/// accepts an endpoint without any of these, and then does nothing with it.
[[nodiscard]] inline bool have_effect(EndpointFlags flags) {
    using enum EndpointFlag;
    return !(flags & EndpointFlags{signal, subflow, fullmesh, laminar}).empty();
}

} // namespace keeper
