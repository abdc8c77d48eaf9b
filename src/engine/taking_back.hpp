// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"
#include "ports/unit_port.hpp"

namespace keeper {

/// Whether an action on a unit that was carried out includes the other one.
[[nodiscard]] bool includes(const Action& done, const Action& wanted);

/// The part of a revert that concerns units: those that the changes turned to MPTCP go back to TCP and, if
/// they were restarted, run again. Updates the outcomes.
void take_back_units(UnitPort& port, std::vector<AppliedChange>& changes);

/// Takes the units back that fail with MPTCP since before this run, so that they run again. They count as
/// failed, but not as a failure of this run. Empty if there are none.
[[nodiscard]] std::vector<AppliedChange> take_back_failing_units(UnitPort& port, const Plan& plan);

} // namespace keeper
