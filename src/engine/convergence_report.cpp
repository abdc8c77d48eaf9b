// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/convergence.hpp"

#include <algorithm>

#include "applications/program_hook.hpp"

// The end of an apply: what its last plan shows, the report, and what is prepared for later.

namespace keeper {

void Convergence::merge_last_plan(const Plan& last) {
    for (const Change& change : last.changes) {
        const auto same = std::find_if(changes_.begin(), changes_.end(), [&](const AppliedChange& known) {
            return is_same_item(known.change, change);
        });
        if (same == changes_.end()) {
            // A drift during this run is left to the next one: nothing that was tried has failed.
            if (change.actionability == Actionability::actionable) {
                changes_.push_back(
                    {.change = change,
                     .outcome = Outcome::deferred,
                     .error = "changed by another program during apply; apply again"});
            } else if (change.actionability == Actionability::blocked) {
                changes_.push_back({.change = change, .outcome = Outcome::failed, .error = change.note});
            }
            continue;
        }
        if (same->outcome != Outcome::applied) {
            continue;
        }
        if (change.actionability == Actionability::actionable) {
            const bool is_unit = change.resource == Resource::unit;
            same->outcome = Outcome::failed;
            same->error = is_unit ? "applied, but the unit is still not as declared; see `journalctl -u " +
                                        change.key + "` and `mptcp-keeper doctor --unit " + change.key + "`"
                                  : "written, but another program reverted it";
            same->undone = !is_unit;
            same->done = is_unit ? same->change.action : same->done;
        } else {
            if (!same->was_already_done) {
                same->done = same->change.action;
            }
            same->outcome = change.actionability == Actionability::deferred      ? Outcome::deferred
                            : change.actionability == Actionability::unsupported ? Outcome::unsupported
                                                                                 : Outcome::failed;
            same->error = change.note;
        }
    }
}

ApplyReport Convergence::make_report() {
    const Plan& last = plan();
    merge_last_plan(last);
    ApplyReport report;
    for (const AppliedChange& change : changes_) {
        report.changed = report.changed || (change.outcome == Outcome::applied && !change.was_already_done) ||
                         !std::holds_alternative<std::monostate>(change.done);
        report.failed = report.failed || change.outcome == Outcome::failed ||
                        change.outcome == Outcome::reverted ||
                        (options_.strict && change.outcome == Outcome::unsupported);
    }
    report.verified = last.in_sync() && !report.failed;
    report.changes = changes_;
    report.warnings = now_.warnings;
    report.warnings.insert(report.warnings.end(), record_warnings_.begin(), record_warnings_.end());
    report.warnings.insert(report.warnings.end(), last.warnings.begin(), last.warnings.end());
    add_side_effects(report);
    return report;
}

std::string Convergence::wanted_hook_request() const {
    const auto& hook = now_.state.program_hook;
    return hook ? prepared_hook_request(desired_, *hook) : std::string();
}

void Convergence::prepare_program_hook(const std::string& request) {
    auto& hook = now_.state.program_hook;
    if (!hook || request == hook->prepared) {
        return;
    }
    if (const auto prepared = ports_.program_hook.prepare(request); !prepared) {
        record_warnings_.push_back(
            "the next boot or upgrade may attach another program hook: " + prepared.error().message);
        return;
    }
    hook->prepared = request;
}

} // namespace keeper
