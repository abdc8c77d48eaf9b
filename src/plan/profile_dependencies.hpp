// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"
#include "plan/link_dependencies.hpp"

namespace keeper {

/// Whether the two states of NetworkManager differ in anything that a plan may depend on: its version,
/// defaults and start, profiles that a rule matches, that are recorded, or that are active and not skipped,
/// and unsettled devices that the links depend on. The devices of containers, for example, do not matter.
/// Cheap if most profiles are equal. Pure.
[[nodiscard]] bool differ_in_effect(
    const NetworkManagerState& before,
    const NetworkManagerState& after,
    const DesiredState& desired,
    const Ownership& ownership,
    const LinkDependencies& links);

} // namespace keeper
