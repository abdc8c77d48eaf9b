// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "model/observed_state.hpp"
#include "model/ownership.hpp"

/// What the running kernel accepts, learned from what it refused, dropped or stored.
namespace keeper {

/// The size of the kernel's endpoint table. It is larger than the learned size if it has more endpoints.
[[nodiscard]] std::size_t endpoint_capacity(const ObservedState& observed, const KernelBounds& kernel);

/// The flags that the kernel stores: it shows them on endpoints, now or earlier.
[[nodiscard]] EndpointFlags kept_flags(const ObservedState& observed, const KernelBounds& kernel);

/// The flags that the kernel drops without an error. Disjoint from kept_flags(); a flag that was never
/// requested is in neither set.
[[nodiscard]] EndpointFlags dropped_flags(const ObservedState& observed, const Ownership& ownership);

/// The bounds after an addition: `requested` are the endpoints that were just added, `shown` all endpoints.
[[nodiscard]] KernelBounds
learn_flags(KernelBounds kernel, const std::vector<Endpoint>& requested, const std::vector<Endpoint>& shown);

} // namespace keeper
