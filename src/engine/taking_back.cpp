// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/taking_back.hpp"

#include "applications/unit_failures.hpp"

namespace keeper {

bool includes(const Action& done, const Action& wanted) {
    const auto* unit = std::get_if<ChangeUnit>(&done);
    const auto* next = std::get_if<ChangeUnit>(&wanted);
    return unit != nullptr && next != nullptr && (unit->reload || !next->reload) &&
           (unit->restart || !next->restart);
}

void take_back_units(UnitPort& port, std::vector<AppliedChange>& changes) {
    std::vector<TakenBackUnit> units;
    std::vector<AppliedChange*> taken;
    for (AppliedChange& change : changes) {
        const bool is_applied = change.outcome == Outcome::applied;
        const Action& done = is_applied ? change.change.action : change.done;
        const auto* action = std::get_if<ChangeUnit>(&done);
        // What ends, or stays on TCP, is not undone: the drop-ins follow the files.
        if (action == nullptr || change.change.after != Value(std::string("mptcp"))) {
            continue;
        }
        const bool failed = change.outcome == Outcome::failed;
        units.push_back(
            {.unit = change.change.key,
             .reason = failed ? change.error.substr(0, change.error.find(';'))
                              : std::string(taken_back_with_others),
             .was_restarted = action->restart});
        taken.push_back(&change);
    }
    if (units.empty()) {
        return;
    }
    const std::vector<Result<void>> results = port.take_back(units);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        AppliedChange& change = *taken[i];
        const bool failed = change.outcome == Outcome::failed;
        if (results[i]) {
            change.error = failed ? "it was taken back to TCP: " + change.error
                                  : "reverted, because another item failed";
            change.outcome = failed ? Outcome::failed : Outcome::reverted;
            change.done = std::monostate{};
        } else {
            change.error = "it could not be taken back to TCP: " + results[i].error().message +
                           (failed ? "; before that: " + change.error : "");
            change.outcome = Outcome::failed;
        }
    }
}

std::vector<AppliedChange> take_back_failing_units(UnitPort& port, const Plan& plan) {
    std::vector<AppliedChange> failing;
    for (const Change& change : plan.changes) {
        // Only the change of a unit that fails has an action that may not be carried out.
        if (change.actionability == Actionability::blocked &&
            std::holds_alternative<ChangeUnit>(change.action)) {
            failing.push_back(
                {.change = change,
                 .outcome = Outcome::failed,
                 .error = change.note,
                 .done = change.action,
                 .failed_before = true});
            failing.back().change.actionability = Actionability::actionable;
        }
    }
    take_back_units(port, failing);
    return failing;
}

} // namespace keeper
