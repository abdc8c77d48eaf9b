// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/trial.hpp"

#include <algorithm>

#include "base/text/join.hpp"
#include "base/text/wall_time.hpp"
#include "plan/before_try.hpp"

namespace keeper {

namespace {

constexpr const char* nothing_pending = "no try is pending";

/// "until 2026-11-20T07:00:35", in local time.
std::string deadline_text(const PendingTry& pending) {
    return "until " + local_seconds_text(pending.shown_deadline);
}

/// Makes a daemon that has missed the revert find a higher number, so that it does not enforce the candidate
/// any more. Done only once. Returns what went wrong.
std::optional<std::string> withdraw_candidate(DeclarationMarkPort& mark, const PendingTry& pending) {
    const auto now = mark.load();
    if (!now) {
        return now.error().message;
    }
    if (now->number > pending.number) {
        return std::nullopt;
    }
    const std::uint64_t number = std::max(now->last_used, pending.number) + 1;
    const auto saved =
        mark.save({.number = number, .last_used = number, .fingerprint = pending.previous.fingerprint});
    return saved ? std::nullopt : std::optional(saved.error().message);
}

} // namespace

Scope scope_of_try() {
    Scope scope;
    scope.sections.erase(Section::units);
    scope.is_candidate = true;
    return scope;
}

Result<void> require_no_try(TryPort& tries, ClockPort& clock) {
    const auto pending = tries.load();
    if (!pending) {
        return propagate(pending);
    }
    if (!*pending) {
        return {};
    }
    const bool is_over =
        (*pending)->deadline <= clock.since_boot() || (*pending)->phase == TryPhase::reverting;
    return fail(
        ErrorKind::busy,
        is_over ? "a try is being reverted: wait, or run `mptcp-keeper revert`; to give that up and keep the "
                  "present settings, remove " +
                      tries.location()
                : "a try is pending " + deadline_text(**pending) +
                      ": run `mptcp-keeper confirm` or `mptcp-keeper revert` first");
}

Result<ApplyReport>
take_back_try(Engine& engine, TryPort& tries, DeclarationMarkPort& mark, PendingTry pending) {
    // What cannot be written must not keep the host from being restored.
    std::vector<std::string> problems;
    if (pending.phase != TryPhase::reverting) {
        pending.phase = TryPhase::reverting;
        if (const auto saved = tries.save(pending); !saved) {
            problems.push_back(saved.error().message);
        }
    }
    if (auto problem = withdraw_candidate(mark, pending)) {
        problems.push_back(std::move(*problem));
    }
    auto report = engine.restore(pending);
    if (!report) {
        return report;
    }
    report->failed = report->failed || !problems.empty();
    report->warnings.insert(report->warnings.end(), problems.begin(), problems.end());
    if (report->failed || !report->verified) {
        return report;
    }
    // For a daemon that starts later, or that does not answer now.
    if (pending.previous.is_known) {
        if (const auto kept = tries.keep_returned_to(pending.previous); !kept) {
            report->warnings.push_back(kept.error().message);
        }
    }
    if (pending.file.empty()) {
        if (const auto rejected = tries.reject(pending.candidate.fingerprint); !rejected) {
            report->warnings.push_back(rejected.error().message);
        }
    }
    return report;
}

Result<std::optional<DaemonReply>> Trial::daemon_that_can_try() {
    auto reply = dependencies_.daemon.ask({});
    if (!reply) {
        return fail(
            reply.error().kind,
            reply.error().message + "; a daemon that cannot be reached may undo a try: nothing was changed");
    }
    if (*reply && !(*reply)->can_try) {
        const std::string& reason = (*reply)->refusal;
        return fail(
            "nothing was changed: the running daemon cannot take part in a try, since it " +
            (reason.empty() ? "is of an older release; run `systemctl restart mptcp-keeper`" : reason));
    }
    return reply;
}

Result<PendingTry>
Trial::prepare(const Request& request, const Candidate& candidate, const Observation& found) {
    TryPort& tries = dependencies_.tries;
    const auto daemon = daemon_that_can_try();
    if (!daemon) {
        return propagate(daemon);
    }
    const auto boot = tries.boot();
    if (!boot) {
        return propagate(boot);
    }
    PendingTry pending;
    pending.boot_id = *boot;
    pending.deadline = dependencies_.clock.since_boot() + request.timeout;
    pending.shown_deadline =
        std::chrono::ceil<std::chrono::seconds>(dependencies_.clock.wall_now() + request.timeout);
    pending.file = request.file;
    pending.candidate = candidate.files;
    if (*daemon) {
        const auto loaded = tries.loaded();
        pending.previous = loaded && loaded->fingerprint == (*daemon)->fingerprint
                               ? *loaded
                               : KeptFiles{.fingerprint = (*daemon)->fingerprint, .files = {}};
    } else if (auto kept = tries.returned_to()) {
        pending.previous = std::move(*kept); // a daemon that starts would enforce it
    }
    pending.found = settings_before_try(candidate.desired, found.state);
    pending.found.boot_id = found.ownership.boot_id;
    pending.found_live = live_flags_before_try(found.state);
    pending.record = found.ownership;
    if (const auto& hook = found.state.program_hook) {
        pending.hook_prepared = hook->prepared;
        pending.hook_attached = hook->is_attached ? hook->request : "";
    }
    return pending;
}

void Trial::forget_prepared(const DeclarationMark& before) {
    (void)dependencies_.mark.save(
        {.number = before.number, .last_used = before.last_used + 1, .fingerprint = before.fingerprint});
    dependencies_.tries.discard();
}

Result<std::optional<Trial::Begun>> Trial::begin(const Request& request) {
    TryPort& tries = dependencies_.tries;
    const auto lock = dependencies_.lock();
    if (!lock) {
        return propagate(lock);
    }
    if (const auto none = require_no_try(tries, dependencies_.clock); !none) {
        return propagate(none);
    }
    const auto candidate = request.read();
    if (!candidate) {
        return std::optional<Begun>();
    }
    ApplyOptions options;
    options.scope = scope_of_try();
    Result<Observation> found = dependencies_.engine.observe(options.scope, candidate->desired);
    const auto mark = dependencies_.mark.load();
    if (!found || !mark) {
        return fail(!found ? found.error() : mark.error());
    }
    if (const auto unknown = unknown_before_try(candidate->desired, found->state); !unknown.empty()) {
        return fail("nothing was changed, because a revert could not restore it: " + joined(unknown, "; "));
    }
    auto prepared = prepare(request, *candidate, *found);
    if (!prepared) {
        return propagate(prepared);
    }
    Begun begun{.report = {}, .pending = std::move(*prepared), .problems = {}};
    PendingTry& pending = begun.pending;
    pending.number = mark->last_used + 1;
    request.warn(not_restored_by_revert(
        dependencies_.engine.plan(candidate->desired, *found, options.scope), found->state));
    if (request.is_cancelled()) {
        return fail("interrupted; nothing was changed");
    }
    if (const auto saved = tries.save(pending); !saved) {
        return fail("nothing was changed", saved.error());
    }
    const auto started = dependencies_.deadline_process.start();
    const auto marked = started ? dependencies_.mark.save(
                                      {.number = pending.number,
                                       .last_used = pending.number,
                                       .fingerprint = candidate->files.fingerprint})
                                : started;
    if (!marked) {
        forget_prepared(*mark);
        return fail("nothing was changed", marked.error());
    }
    apply_candidate(candidate->desired, options, begun);
    return std::optional(std::move(begun));
}

void Trial::apply_candidate(const DesiredState& candidate, const ApplyOptions& options, Begun& begun) {
    auto report = dependencies_.engine.apply(candidate, options);
    if (report) {
        begun.report = std::move(*report);
    } else {
        begun.problems.push_back(report.error().message);
    }
    if (report && !begun.report.failed && begun.report.verified) {
        begun.problems = hand_over(begun.pending);
    }
    if (begun.problems.empty() && !begun.report.failed && begun.report.verified) {
        PendingTry applied = begun.pending;
        applied.phase = TryPhase::pending;
        if (const auto saved = dependencies_.tries.save(applied)) {
            begun.pending = std::move(applied);
            return;
        } else {
            begun.problems.push_back(saved.error().message);
        }
    }
    begun.report.failed = true;
    const auto back = revert_locked(begun.pending);
    begun.report.reverted = back && !back->failed && back->verified;
    if (!back) {
        begun.problems.push_back(back.error().message);
    } else if (!begun.report.reverted) {
        for (const AppliedChange& change : back->changes) {
            if (change.outcome == Outcome::failed) {
                begun.problems.push_back(title_of(change.change) + " could not be restored: " + change.error);
            }
        }
        begun.problems.insert(begun.problems.end(), back->warnings.begin(), back->warnings.end());
    }
}

std::vector<std::string> Trial::hand_over(const PendingTry& pending) {
    const auto reply = dependencies_.daemon.ask({pending.candidate.fingerprint});
    if (!reply) {
        return {reply.error().message};
    }
    if (*reply && !(*reply)->refusal.empty()) {
        return {"the running daemon refused the configuration: " + (*reply)->refusal};
    }
    if (*reply && (*reply)->fingerprint != pending.candidate.fingerprint) {
        return {"the running daemon has loaded another configuration"};
    }
    return {};
}

Result<ApplyReport> Trial::revert_locked(PendingTry pending) {
    TryPort& tries = dependencies_.tries;
    const std::uint64_t number = pending.number;
    const std::string previous = pending.previous.fingerprint;
    const std::string candidate = pending.candidate.fingerprint;
    auto report = take_back_try(dependencies_.engine, tries, dependencies_.mark, std::move(pending));
    // In each case the daemon must not enforce the candidate any more.
    const auto reply = dependencies_.daemon.ask({previous});
    if (!report) {
        return report;
    }
    if (!reply) {
        report->warnings.push_back(reply.error().message);
    } else if (*reply && !(*reply)->refusal.empty()) {
        report->warnings.push_back("the running daemon: " + (*reply)->refusal);
    } else if (*reply && candidate != previous && (*reply)->fingerprint == candidate) {
        report->failed = true;
        report->warnings.push_back("the running daemon still enforces the configuration that was tried");
    }
    if (report->failed || !report->verified) {
        return report;
    }
    if (const auto finished = tries.finish(number, TryOutcome::reverted); !finished) {
        return propagate(finished);
    }
    return report;
}

Result<PendingTry> Trial::confirm() {
    TryPort& tries = dependencies_.tries;
    const auto lock = dependencies_.lock();
    if (!lock) {
        return propagate(lock);
    }
    auto pending = tries.load();
    if (!pending) {
        return propagate(pending);
    }
    if (!*pending) {
        return fail(nothing_pending);
    }
    if ((*pending)->phase == TryPhase::applying) {
        return fail("the try was interrupted before its configuration was applied completely; run "
                    "`mptcp-keeper revert`");
    }
    if ((*pending)->phase == TryPhase::reverting ||
        (*pending)->deadline <= dependencies_.clock.since_boot()) {
        return fail("it is too late: the deadline has passed, and the try is being reverted");
    }
    if (const auto finished = tries.finish((*pending)->number, TryOutcome::confirmed); !finished) {
        return propagate(finished);
    }
    if ((*pending)->file.empty()) {
        tries.forget_reverted();
    } else if (tries.rejected()) {
        // A daemon that starts must not go back further, since the files on disk are still rejected.
        (void)tries.keep_returned_to((*pending)->candidate);
    }
    return std::move(**pending);
}

Result<ApplyReport> Trial::revert() {
    const auto lock = dependencies_.lock();
    if (!lock) {
        return propagate(lock);
    }
    auto pending = dependencies_.tries.load();
    if (!pending) {
        return propagate(pending);
    }
    if (!*pending) {
        return fail(ErrorKind::unavailable, nothing_pending);
    }
    return revert_locked(std::move(**pending));
}

} // namespace keeper
