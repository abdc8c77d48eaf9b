// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/engine.hpp"

namespace keeper {

/// Reads through the ports what the scope needs. What cannot be read is listed in Observation::warnings, or,
/// for NetworkManager, in ObservedState::network_manager_error.
[[nodiscard]] Observation
observe_host(const Ports& ports, const Scope& scope, const Look& look, Ownership ownership);

/// See Engine::plan().
[[nodiscard]] Plan
plan_for(const Ports& ports, const DesiredState& desired, Observation& observation, const Scope& scope);

/// The scope extended by the units and programs that the declaration concerns.
[[nodiscard]] Scope with_programs(Scope scope, const DesiredState& desired);

/// The scope without what neither the declaration nor the record needs: on a host that declares no profile,
/// NetworkManager is not queried.
[[nodiscard]] Scope needed_scope(const Scope& scope, const DesiredState& desired, const Ownership& ownership);

} // namespace keeper
