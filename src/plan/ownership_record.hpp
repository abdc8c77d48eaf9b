// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"
#include "plan/apply_report.hpp"
#include "plan/change.hpp"

namespace keeper {

/// The record with the present values of everything that these changes will modify. It is saved before the
/// first write, so that everything can be restored after a crash. Existing entries are kept: the first value
/// found is the one before the keeper.
[[nodiscard]] Ownership record_before(Ownership record, const std::vector<Change>& changes);

/// The record after the changes: items that were not applied get their entry in `before` again. Removed are
/// entries of endpoints that were deleted or are neither declared nor in the kernel, of other programs'
/// endpoints that are again as they were found, and of profiles that NetworkManager no longer has. An unknown
/// part of `observed` removes no entry.
[[nodiscard]] Ownership record_after(
    Ownership record,
    const Ownership& before,
    const std::vector<AppliedChange>& changes,
    const DesiredState& desired,
    const ObservedState& observed);

/// The state before the keeper as a declaration; applying it restores everything.
[[nodiscard]] DesiredState desired_before_keeper(const Ownership& record, const ObservedState& observed);

} // namespace keeper
