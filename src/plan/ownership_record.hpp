#pragma once

#include <vector>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// The record with what these changes are about to touch added, as it was found. Saved before the first
/// write, so that a crash in between leaves nothing that could not be put back. What is recorded already
/// stays: the first value found is the one from before the keeper.
[[nodiscard]] Ownership record_before(Ownership record, const std::vector<Change>& changes);

/// The record once the changes were carried out: the entries of what was not applied are again those of
/// `before`, and what was removed, or is neither declared nor in the kernel any more, is forgotten. So is an
/// endpoint of others that is again as it was found, and a profile that NetworkManager no longer has. What is
/// not known in `observed` makes nothing forgotten.
[[nodiscard]] Ownership record_after(
    Ownership record,
    const Ownership& before,
    const std::vector<AppliedChange>& changes,
    const DesiredState& desired,
    const ObservedState& observed);

/// What the host was before the keeper, as a declaration: applied, it puts everything back.
[[nodiscard]] DesiredState desired_before_keeper(const Ownership& record, const ObservedState& observed);

} // namespace keeper
