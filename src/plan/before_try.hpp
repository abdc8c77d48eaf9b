// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"
#include "model/pending_try.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// The settings of the host that applying the candidate, or enforcing it for a while, may change:
/// PendingTry::found. Those that could not be read are left out.
[[nodiscard]] Ownership settings_before_try(const DesiredState& candidate, const ObservedState& observed);

/// The flags that the devices of profiles run: PendingTry::found_live.
[[nodiscard]] std::map<std::string, MptcpFlags> live_flags_before_try(const ObservedState& observed);

/// Why parts of the host that the candidate concerns cannot be restored, since they could not be read; empty
/// if all were.
[[nodiscard]] std::vector<std::string>
unknown_before_try(const DesiredState& candidate, const ObservedState& observed);

/// The state before the try as a declaration. `record` is what the keeper has recorded by now: of the
/// settings found, those in it have been changed since. Applying the declaration with that record restores
/// everything.
[[nodiscard]] DesiredState
desired_before_try(const PendingTry& pending, const Ownership& record, const ObservedState& observed);

/// The record of a host that was restored. An endpoint of another program whose address is missing by now
/// stays in it, for a reset.
[[nodiscard]] Ownership record_before_try(const PendingTry& pending, const Ownership& record);

/// What carrying the plan out changes and reverting it cannot restore, as messages.
[[nodiscard]] std::vector<std::string>
not_restored_by_revert(const Plan& plan, const ObservedState& observed);

} // namespace keeper
