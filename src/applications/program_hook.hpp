// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "applications/hook_request.hpp"
#include "model/desired_state.hpp"
#include "model/observed_program_hook.hpp"

namespace keeper {

/// The key of a program-hook for `applications.all`.
inline constexpr const char* all_programs_key = "all";

/// Units, scopes and slices that the program hook never turns, as globs: services that the host cannot be
/// reached or managed without, containers, and programs that MPTCP sockets break.
[[nodiscard]] std::vector<std::string> hook_exclusions();

/// What the declaration requests of the program hook.
[[nodiscard]] HookRequest hook_request(const DesiredState& desired);

/// The request that the service is to attach when it starts, at boot or after an upgrade; empty: none. There
/// is none where the service would only fail.
[[nodiscard]] std::string
prepared_hook_request(const DesiredState& desired, const ObservedProgramHook& observed);

/// "all" and the slices of the declaration, each with the place that declares it.
[[nodiscard]] std::map<std::string, Source> declared_hook_scope(const DesiredState& desired);
/// "all" and the slices of a request.
[[nodiscard]] std::vector<std::string> hook_scope(const HookRequest& request);

} // namespace keeper
