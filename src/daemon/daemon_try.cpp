// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/daemon.hpp"

#include <algorithm>

#include "engine/trial.hpp"

// The daemon's part in a try, and what it loads when it starts and when it is told to reload.

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// The process that holds the clock comes first.
constexpr milliseconds patience{10000};

} // namespace

milliseconds Daemon::time_to_next() const {
    const milliseconds next = std::min(reconciler_.time_to_next(), metrics_.time_to_next());
    if (!try_deadline_) {
        return next;
    }
    const milliseconds left = *try_deadline_ + patience - dependencies_.reconciler.ports.clock.since_boot();
    return std::min(next, std::max(left, milliseconds(1000)));
}

std::string Daemon::why_not_try() const {
    if (!dependencies_.own_file.empty()) {
        return "was started with --config " + dependencies_.own_file;
    }
    return loaded_mark_ ? "" : "is suspended: " + load_error_;
}

bool Daemon::load_at_start() {
    if (!dependencies_.own_file.empty()) {
        return load(
            {.config = dependencies_.load_config(), .tried_file = {}, .deadline = {}, .remark = {}},
            Reconciler::Cause::start,
            mark_number());
    }
    const auto pending = dependencies_.tries.load();
    if (!pending) {
        dependencies_.reconciler.notices.error(pending.error().message);
    } else if (
        *pending && ((*pending)->phase == TryPhase::reverting ||
                     (*pending)->deadline <= dependencies_.reconciler.ports.clock.since_boot())) {
        revert_try();
    }
    const std::uint64_t mark = mark_number(); // before the files: an apply in between is noticed later
    auto declaration = declarations_.at_start();
    if (!declaration) {
        suspend(mark, "the files on disk were tried and taken back; see mptcp-keeper(1)");
        return true;
    }
    return load(std::move(*declaration), Reconciler::Cause::start, mark);
}

void Daemon::reload() {
    const std::uint64_t mark = mark_number();
    if (dependencies_.own_file.empty()) {
        if (const auto none = require_no_try(dependencies_.tries, dependencies_.reconciler.ports.clock);
            !none) {
            dependencies_.reconciler.notices.error("the files were not loaded: " + none.error().message);
            return;
        }
        dependencies_.tries.forget_reverted();
    }
    (void)load(
        {.config = dependencies_.load_config(), .tried_file = {}, .deadline = {}, .remark = {}},
        Reconciler::Cause::reload,
        mark);
}

void Daemon::revert_overdue_try() {
    if (!try_deadline_ || dependencies_.reconciler.ports.clock.since_boot() < *try_deadline_ + patience) {
        return;
    }
    const auto pending = dependencies_.tries.load();
    if (pending && !*pending) {
        try_deadline_.reset(); // it was confirmed
        return;
    }
    *try_deadline_ += patience; // for the next attempt, if this one fails
    revert_try();
    if (const auto mark = dependencies_.reconciler.mark.load()) {
        (void)take_over(mark->fingerprint);
    }
}

void Daemon::revert_try() {
    Notices& notices = dependencies_.reconciler.notices;
    const auto lock = dependencies_.reconciler.lock.try_lock();
    if (!lock || !*lock) {
        return; // another process is at work; the next turn checks again
    }
    auto pending = dependencies_.tries.load();
    const bool is_over = pending && *pending &&
                         ((*pending)->phase == TryPhase::reverting ||
                          (*pending)->deadline <= dependencies_.reconciler.ports.clock.since_boot());
    if (!is_over) {
        return; // it was confirmed, or is another one
    }
    const std::uint64_t number = (*pending)->number;
    Engine engine(dependencies_.reconciler.ports);
    const auto report =
        take_back_try(engine, dependencies_.tries, dependencies_.reconciler.mark, std::move(**pending));
    if (!report || report->failed || !report->verified) {
        notices.error(
            "the try whose deadline has passed could not be reverted completely" +
            (report ? std::string() : ": " + report.error().message) + "; run `mptcp-keeper revert`");
        return;
    }
    if (const auto finished = dependencies_.tries.finish(number, TryOutcome::reverted); !finished) {
        notices.error(finished.error().message);
        return;
    }
    notices.info("the try whose deadline has passed was reverted");
}

} // namespace keeper
