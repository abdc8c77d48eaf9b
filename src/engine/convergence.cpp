#include "engine/convergence.hpp"

#include <algorithm>
#include <chrono>

#include "engine/observer.hpp"
#include "plan/inverse.hpp"
#include "plan/ownership_record.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

constexpr int most_rounds = 3;
/// NetworkManager answers a reapply before it has synced its endpoints; seen to take a few milliseconds.
constexpr milliseconds settle_time{1500};
/// systemd calls most services started when it has forked their program, which then is still to be loaded.
constexpr milliseconds program_start_time{5000};

bool is_same_item(const Change& one, const Change& other) {
    return one.resource == other.resource && one.key == other.key;
}

/// What NetworkManager did besides: the last plan does not speak of it any more.
void add_side_effects(ApplyReport& report) {
    std::vector<std::string>& warnings = report.warnings;
    for (const AppliedChange& change : report.changes) {
        for (const std::string& effect : change.change.side_effects) {
            if (change.outcome == Outcome::applied &&
                std::find(warnings.begin(), warnings.end(), effect) == warnings.end()) {
                warnings.push_back(effect);
            }
        }
    }
}

} // namespace

Convergence::Convergence(
    const Ports& ports, const DesiredState& desired, const ApplyOptions& options, Observation found)
    : ports_(ports), desired_(desired), options_(options),
      scope_(needed_scope(options.scope, desired, found.ownership)), now_(std::move(found)),
      found_record_(now_.ownership), round_end_(ports.clock.now() + profile_round_time) {}

Plan Convergence::plan() const {
    Plan plan = make_plan(desired_, now_.state, now_.ownership, scope_);
    for (Change& change : plan.changes) {
        if (!options_.hold || change.standing != Standing::actionable) {
            continue;
        }
        if (const auto reason = options_.hold(change)) {
            change.standing = Standing::deferred;
            change.note = *reason;
        }
    }
    return plan;
}

void Convergence::observe_again() {
    now_ = observe_host(ports_, scope_, std::move(now_.ownership));
}

bool Convergence::was_left_undone(const Change& change) const {
    return std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& known) {
        return is_same_item(known.change, change) && known.outcome != Outcome::applied &&
               known.outcome != Outcome::deferred;
    });
}

bool Convergence::has_failed_before(const Change& change) const {
    // What was blocked was not tried: a reapply may have taken away what was in its way.
    return std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& tried) {
        return is_same_item(tried.change, change) && tried.change.standing == Standing::actionable &&
               tried.outcome != Outcome::applied && tried.outcome != Outcome::deferred;
    });
}

bool Convergence::is_done_with(const Change& change) const {
    // A unit is restarted once, whatever came of it: each time closes its connections.
    return has_failed_before(change) ||
           (change.resource == Resource::unit &&
            std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& tried) {
                return is_same_item(tried.change, change) && tried.change.action == change.action;
            }));
}

bool Convergence::has_work(const Plan& plan) const {
    return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
        return change.standing == Standing::actionable && !is_done_with(change);
    });
}

Result<Execution> Convergence::execute(const Plan& plan) {
    const Ownership before = now_.ownership;
    const Ownership planned = record_before(before, plan.changes);
    if (planned != before) {
        auto saved = ports_.state.save(planned);
        if (!saved) {
            return fail("nothing was changed, since it could not be recorded first", saved.error());
        }
    }
    Executor executor(ports_);
    Execution execution = executor.execute(
        plan.changes, options_.atomic ? Executor::OnFailure::stop : Executor::OnFailure::go_on);
    now_.ownership = planned;
    KernelBounds& kernel = now_.ownership.kernel;
    kernel.endpoint_capacity =
        execution.endpoint_capacity ? execution.endpoint_capacity : kernel.endpoint_capacity;
    kernel.limit_maximum = execution.limit_maximum ? execution.limit_maximum : kernel.limit_maximum;
    scope_.tried_too_early.clear(); // they were tried again just now
    if (has_work(plan)) {
        observe_again();
    }
    now_.ownership = record_after(now_.ownership, before, execution.changes, desired_, now_.state);
    if (now_.ownership != planned) {
        auto saved = ports_.state.save(now_.ownership);
        if (!saved) {
            record_warnings_.push_back("what was done could not be recorded: " + saved.error().message);
        }
    }
    return execution;
}

void Convergence::wait_until_settled(milliseconds most) {
    const milliseconds end = ports_.clock.now() + most;
    milliseconds pause{5};
    const auto is_settled = [this] {
        const std::vector<Change> changes = plan().changes;
        return std::none_of(changes.begin(), changes.end(), [this](const Change& change) {
            return change.standing == Standing::actionable && !was_left_undone(change);
        });
    };
    while (!is_settled() && ports_.clock.now() < end) {
        ports_.clock.wait(pause);
        pause = std::min(pause * 2, milliseconds(100));
        observe_again();
    }
}

void Convergence::wait_for_network_manager() {
    // A restart takes about a second; after the round's end there is no answer in any case.
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
        if (same->change.standing != Standing::actionable) {
            *same = std::move(change); // it had to wait, and nothing was done of it
            continue;
        }
        // The first round knows what was there before; the last one knows what became of it.
        if (same->outcome == Outcome::applied && change.outcome != Outcome::applied) {
            same->done = same->change.action;
        }
        same->outcome = change.outcome;
        same->error = std::move(change.error);
        same->was_so = same->was_so && change.was_so;
    }
}

Result<void> Convergence::take_back() {
    std::vector<Change> applied;
    for (const AppliedChange& change : changes_) {
        if (change.change.resource == Resource::unit) {
            continue; // a restart cannot be taken back, and its drop-in follows the files
        }
        if (change.outcome == Outcome::applied && !change.was_so) {
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
            change.error = is_back ? "taken back, since another item failed"
                                   : "applied, and could not be taken back: " + back->error;
        } else if (!is_back) {
            change.error += "; what was done of it could not be taken back: " + back->error;
        }
        if (is_back) {
            change.done = std::monostate{};
        }
        all_back = all_back && is_back;
    }
    if (all_back) {
        // What the kernel refused, it refuses again; what it made of flags went with the endpoints.
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

void Convergence::judge(const Plan& last) {
    for (const Change& change : last.changes) {
        const auto same = std::find_if(changes_.begin(), changes_.end(), [&](const AppliedChange& known) {
            return is_same_item(known.change, change);
        });
        if (same == changes_.end()) {
            // What drifted while this ran is left to the next run: nothing that was tried has failed.
            if (change.standing == Standing::actionable) {
                changes_.push_back(
                    {change, Outcome::deferred, "changed while this was applied: apply again"});
            } else if (change.standing == Standing::blocked) {
                changes_.push_back({change, Outcome::failed, change.note});
            }
            continue;
        }
        if (same->outcome != Outcome::applied) {
            continue;
        }
        if (change.standing == Standing::actionable) {
            const bool is_unit = change.resource == Resource::unit;
            same->outcome = Outcome::failed;
            same->error = is_unit ? "done, and still it is not as declared: `journalctl -u " + change.key +
                                        "` and `mptcp-keeper doctor --unit " + change.key + "` may tell why"
                                  : "another program changed it back each time it was applied";
            same->undone = !is_unit;
        } else {
            if (!same->was_so) {
                same->done = same->change.action;
            }
            same->outcome = change.standing == Standing::deferred      ? Outcome::deferred
                            : change.standing == Standing::unsupported ? Outcome::unsupported
                                                                       : Outcome::failed;
            same->error = change.note;
        }
    }
}

ApplyReport Convergence::verdict() {
    const Plan last = plan();
    judge(last);
    ApplyReport report;
    for (const AppliedChange& change : changes_) {
        report.changed = report.changed || (change.outcome == Outcome::applied && !change.was_so) ||
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

Result<ApplyReport> Convergence::run() {
    const bool had_network_manager = now_.state.network_manager.has_value();
    bool is_taken_back = false;
    for (int round = 0; round < most_rounds; ++round) {
        Plan next = plan();
        if (round > 0 && !has_work(next)) {
            break;
        }
        std::erase_if(next.changes, [&](const Change& change) { return is_done_with(change); });
        auto execution = execute(next);
        if (!execution) {
            return tl::unexpected(execution.error());
        }
        const bool retry = had_network_manager && execution->lost_network_manager && round + 1 < most_rounds;
        merge(std::move(execution->changes));
        const bool failed = std::any_of(changes_.begin(), changes_.end(), [&](const AppliedChange& change) {
            return change.outcome == Outcome::failed ||
                   (options_.strict && change.outcome == Outcome::unsupported);
        });
        if (options_.atomic && failed) {
            auto back = take_back();
            if (!back) {
                return tl::unexpected(back.error());
            }
            is_taken_back = true;
            break;
        }
        if (retry) {
            std::erase_if(changes_, [](const AppliedChange& change) {
                return change.outcome == Outcome::failed && change.change.resource == Resource::profile;
            });
            if (!options_.wait_for_network_manager) {
                // Not asked again either: the last plan says that it is gone.
                now_.state.network_manager.reset();
                now_.state.network_manager_error = "NetworkManager went away in the middle";
                break;
            }
            wait_for_network_manager();
        } else if (execution->reapplied || execution->restarted) {
            wait_until_settled(execution->restarted ? program_start_time : settle_time);
        }
    }
    ApplyReport report = verdict();
    // What only the last look showed counts as well.
    if (options_.atomic && report.failed && !is_taken_back) {
        auto back = take_back();
        if (!back) {
            return tl::unexpected(back.error());
        }
        is_taken_back = true;
        report = verdict();
    }
    report.taken_back = is_taken_back;
    return report;
}

} // namespace keeper
