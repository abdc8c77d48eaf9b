#pragma once

#include "model/observed_state.hpp"
#include "model/ownership.hpp"

/// What the running kernel accepts, as far as it has shown it: by what it refused, dropped or holds.
namespace keeper {

/// How many endpoints the kernel's table can hold at most. One that holds more than was learned is larger.
[[nodiscard]] std::size_t endpoint_capacity(const ObservedState& observed, const KernelBounds& kernel);

/// The flags that the kernel keeps when it is given them: it shows them on endpoints, now or earlier.
[[nodiscard]] EndpointFlags kept_flags(const ObservedState& observed, const KernelBounds& kernel);

/// The flags that the kernel drops without an error. Never one that it keeps; what it was never given is in
/// neither set.
[[nodiscard]] EndpointFlags dropped_flags(const ObservedState& observed, const Ownership& ownership);

/// What the endpoints after an addition teach about the kernel: `requested` are those that were just added.
[[nodiscard]] KernelBounds
learn_flags(KernelBounds kernel, const std::vector<Endpoint>& requested, const std::vector<Endpoint>& shown);

} // namespace keeper
