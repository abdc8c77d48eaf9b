// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/convergence.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "engine/observer.hpp"
#include "engine/taking_back.hpp"
#include "plan/inverse.hpp"
#include "plan/ownership_record.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

constexpr int most_rounds = 3;
/// NetworkManager answers a reapply before it has synced its endpoints; seen to take a few milliseconds.
constexpr milliseconds settle_time{1500};
/// systemd regards most services as started once their program is forked, before it has been loaded.
constexpr milliseconds program_start_time{5000};

} // namespace

Convergence::Convergence(
    const Ports& ports, const DesiredState& desired, const ApplyOptions& options, Observation found)
    : ports_(ports), desired_(desired), options_(options),
      scope_(needed_scope(options.scope, desired, found.ownership)), now_(std::move(found)),
      found_record_(now_.ownership),
      prepared_before_(now_.state.program_hook ? now_.state.program_hook->prepared : std::string()),
      round_end_(ports.clock.now() + profile_round_time) {}

const Plan& Convergence::plan() {
    if (!plan_) {
        plan_ = make_held_plan();
    }
    return *plan_;
}

Plan Convergence::make_held_plan() {
    return held(plan_for(ports_, desired_, now_, scope_));
}

Plan Convergence::held(Plan plan) const {
    for (Change& change : plan.changes) {
        if (!options_.hold || change.actionability != Actionability::actionable) {
            continue;
        }
        if (const auto reason = options_.hold(change)) {
            change.actionability = Actionability::deferred;
            change.note = *reason;
        }
    }
    return plan;
}

void Convergence::observe_again() {
    plan_.reset();
    now_ = observe_host(ports_, scope_, look_, std::move(now_.ownership));
    look_.devices.clear();
    if (now_.state.network_manager) {
        look_.profiles = Look::Profiles::changed;
    }
}

void Convergence::remember_devices(const Plan& plan) {
    std::set<std::string> interfaces;
    for (const Change& change : plan.changes) {
        if (const auto* profile = std::get_if<ChangeProfile>(&change.action)) {
            for (const LiveDevice& device : profile->devices) {
                interfaces.insert(device.interface);
            }
        }
    }
    if (interfaces.empty() || !now_.state.network_manager) {
        return;
    }
    for (const Profile& profile : now_.state.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            if (interfaces.count(activation.interface) != 0) {
                look_.devices.insert(activation.ifindex);
            }
        }
    }
}

bool Convergence::was_left_undone(const Change& change) const {
    return std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& known) {
        return is_same_item(known.change, change) && known.outcome != Outcome::applied &&
               known.outcome != Outcome::deferred;
    });
}

bool Convergence::has_failed_before(const Change& change) const {
    // A blocked change was not tried: a reapply may have removed the obstacle since.
    return std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& tried) {
        return is_same_item(tried.change, change) &&
               tried.change.actionability == Actionability::actionable && tried.outcome != Outcome::applied &&
               tried.outcome != Outcome::deferred;
    });
}

bool Convergence::is_done_with(const Change& change) const {
    // A unit is restarted once, successfully or not: each restart closes its connections.
    return has_failed_before(change) ||
           (change.resource == Resource::unit &&
            std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& tried) {
                return is_same_item(tried.change, change) && includes(tried.change.action, change.action);
            }));
}

bool Convergence::has_work(const Plan& plan) const {
    return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
        return change.actionability == Actionability::actionable && !is_done_with(change);
    });
}

Result<Execution> Convergence::execute(const Plan& plan) {
    const Ownership before = now_.ownership;
    const Ownership planned = record_before(before, plan.changes);
    if (planned != before) {
        auto saved = ports_.state.save(planned);
        if (!saved) {
            return fail("nothing was changed, because the record could not be saved", saved.error());
        }
    }
    remember_devices(plan);
    Executor executor(ports_);
    Execution execution = executor.execute(
        plan.changes, options_.atomic ? Executor::OnFailure::stop : Executor::OnFailure::go_on);
    now_.ownership = planned;
    KernelBounds& kernel = now_.ownership.kernel;
    kernel.endpoint_capacity =
        execution.endpoint_capacity ? execution.endpoint_capacity : kernel.endpoint_capacity;
    kernel.limit_maximum = execution.limit_maximum ? execution.limit_maximum : kernel.limit_maximum;
    if (now_.ownership != before || !scope_.tried_too_early.empty()) {
        plan_.reset();
    }
    scope_.tried_too_early.clear(); // they were just tried again
    if (execution.lost_network_manager) {
        look_.profiles = Look::Profiles::all;
    }
    if (has_work(plan)) {
        observe_again();
    }
    now_.ownership = record_after(now_.ownership, before, execution.changes, desired_, now_.state);
    if (now_.ownership != planned) {
        plan_.reset();
        auto saved = ports_.state.save(now_.ownership);
        if (!saved) {
            record_warnings_.push_back(
                "the changes were made but could not be recorded: " + saved.error().message);
        }
    }
    return execution;
}

void Convergence::wait_until_settled(milliseconds most) {
    const milliseconds end = ports_.clock.now() + most;
    milliseconds pause{1}; // it mostly needs a few
    const auto is_settled = [this] {
        // Whether something is left to do does not depend on the live connections.
        const Plan rest = held(make_plan(desired_, now_.state, now_.ownership, scope_));
        remember_devices(rest);
        const std::vector<Change>& changes = rest.changes;
        return std::none_of(changes.begin(), changes.end(), [this](const Change& change) {
            return change.actionability == Actionability::actionable && !was_left_undone(change);
        });
    };
    while (!is_settled() && ports_.clock.now() < end) {
        ports_.clock.wait(pause);
        pause = std::min(pause * 2, milliseconds(100));
        observe_again();
    }
}

void Convergence::wait_for_network_manager() {
    // A restart takes about a second. After the end of the round every call fails.
    while (!now_.state.network_manager && ports_.clock.now() < round_end_) {
        ports_.clock.wait(milliseconds(100));
        observe_again();
    }
}

void Convergence::merge(std::vector<AppliedChange> changes) {
    for (AppliedChange& change : changes) {
        const auto same = std::find_if(changes_.begin(), changes_.end(), [&](const AppliedChange& known) {
            return is_same_item(known.change, change.change);
        });
        if (same == changes_.end()) {
            changes_.push_back(std::move(change));
            continue;
        }
        if (same->change.actionability != Actionability::actionable) {
            *same = std::move(change); // it had to wait, so nothing was carried out
            continue;
        }
        // The first round knows the original value, the last one the outcome.
        if (same->outcome == Outcome::applied && change.outcome != Outcome::applied) {
            same->done = same->change.action;
        }
        same->outcome = change.outcome;
        same->error = std::move(change.error);
        same->was_already_done = same->was_already_done && change.was_already_done;
    }
}

bool Convergence::must_revert() const {
    return options_.atomic && std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& change) {
               return (change.outcome == Outcome::failed && !change.failed_before) ||
                      (options_.strict && change.outcome == Outcome::unsupported);
           });
}

Result<void> Convergence::revert() {
    take_back_units(ports_.units, changes_); // first: without net.mptcp.enabled their MPTCP sockets fail
    std::vector<Change> applied;
    for (const AppliedChange& change : changes_) {
        if (change.change.resource == Resource::unit) {
            continue;
        }
        if (change.outcome == Outcome::applied && !change.was_already_done) {
            applied.push_back(change.change);
        } else if (!std::holds_alternative<std::monostate>(change.done)) {
            applied.push_back(change.change);
            applied.back().action = change.done;
        }
    }
    Executor executor(ports_);
    const Execution undone = executor.execute(inverse_of(applied), Executor::OnFailure::go_on);
    bool all_back = true;
    for (AppliedChange& change : changes_) {
        const auto back =
            std::find_if(undone.changes.begin(), undone.changes.end(), [&](const AppliedChange& candidate) {
                return is_same_item(candidate.change, change.change);
            });
        if (back == undone.changes.end()) {
            continue;
        }
        const bool is_back = back->outcome == Outcome::applied;
        if (change.outcome == Outcome::applied) {
            change.outcome = is_back ? Outcome::reverted : Outcome::failed;
            change.error = is_back ? "reverted, because another item failed"
                                   : "applied, but could not be reverted: " + back->error;
        } else if (!is_back) {
            change.error += "; the part that was applied could not be reverted: " + back->error;
        }
        if (is_back) {
            change.done = std::monostate{};
        }
        all_back = all_back && is_back;
    }
    if (all_back) {
        // The kernel keeps its bounds; what it did with flags was removed with the endpoints.
        const KernelBounds learned = now_.ownership.kernel;
        now_.ownership = found_record_;
        now_.ownership.kernel.endpoint_capacity = learned.endpoint_capacity;
        now_.ownership.kernel.limit_maximum = learned.limit_maximum;
        auto saved = ports_.state.save(now_.ownership);
        if (!saved) {
            return saved;
        }
    }
    observe_again();
    return {};
}

Result<ApplyReport> Convergence::run() {
    const bool had_network_manager = now_.state.network_manager.has_value();
    bool is_reverted = false;
    if (options_.atomic) {
        changes_ = take_back_failing_units(ports_.units, plan());
        if (!changes_.empty()) {
            observe_again();
        }
    }
    for (int round = 0; round < most_rounds; ++round) {
        Plan next = plan();
        if (round > 0 && !has_work(next)) {
            break;
        }
        std::erase_if(next.changes, [&](const Change& change) { return is_done_with(change); });
        auto execution = execute(next);
        if (!execution) {
            return propagate(execution);
        }
        const bool retry = had_network_manager && execution->lost_network_manager && round + 1 < most_rounds;
        merge(std::move(execution->changes));
        if (must_revert()) {
            auto back = revert();
            if (!back) {
                return propagate(back);
            }
            is_reverted = true;
            break;
        }
        if (retry) {
            std::erase_if(changes_, [](const AppliedChange& change) {
                return change.outcome == Outcome::failed && change.change.resource == Resource::profile;
            });
            if (!options_.wait_for_network_manager) {
                // The last plan must not count on it either.
                plan_.reset();
                now_.state.network_manager.reset();
                now_.state.network_manager_error = "NetworkManager stopped during the apply";
                break;
            }
            wait_for_network_manager();
        } else if (execution->reapplied || execution->restarted) {
            wait_until_settled(execution->restarted ? program_start_time : settle_time);
        }
    }
    prepare_program_hook(is_reverted ? prepared_before_ : wanted_hook_request());
    ApplyReport report = make_report();
    // A failure that only the last plan shows counts as well.
    if (must_revert() && !is_reverted) {
        auto back = revert();
        if (!back) {
            return propagate(back);
        }
        is_reverted = true;
        prepare_program_hook(prepared_before_);
        report = make_report();
    }
    report.reverted = is_reverted;
    return report;
}

} // namespace keeper
