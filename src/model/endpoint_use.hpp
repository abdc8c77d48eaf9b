// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/endpoint.hpp"

namespace keeper {

/// Whether the path manager uses an endpoint with these flags at all: it announces it (signal), opens
/// subflows from it (subflow), or uses it for addresses that the peer announces (fullmesh, laminar). The
/// kernel accepts an endpoint with none of these flags but never uses it.
[[nodiscard]] inline bool have_effect(EndpointFlags flags) {
    using enum EndpointFlag;
    return !(flags & EndpointFlags{signal, subflow, fullmesh, laminar}).empty();
}

} // namespace keeper
