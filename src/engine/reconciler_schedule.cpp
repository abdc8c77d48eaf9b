// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reconciler.hpp"

#include <algorithm>

// When the next round is due, and the state that the reconciler reports.

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// How soon to try again for a lock that another process holds.
constexpr milliseconds lock_retry{20};
constexpr milliseconds nothing_due{3600000};

} // namespace

std::string_view to_string(Phase phase) {
    switch (phase) {
    case Phase::idle:
        return "idle";
    case Phase::due:
        return "due";
    case Phase::waiting:
        return "waiting for NetworkManager";
    case Phase::suspended:
        return "suspended: a command applied files other than the loaded ones";
    case Phase::backing_off:
        return "backing off";
    }
    return "";
}

std::optional<Reconciler::Time> Reconciler::network_manager_deadline() const {
    if (!ping_sent_ || !kernel_endpoints_due_ || dirty_.count(Section::endpoints) == 0 ||
        desired_.endpoints.empty()) {
        return std::nullopt;
    }
    return *ping_sent_ + network_manager_patience;
}

std::optional<Reconciler::Time> Reconciler::next_round(Time now) const {
    if (dirty_.empty()) {
        return std::nullopt;
    }
    if (now < next_try_) {
        return next_try_;
    }
    if (lock_was_taken_) {
        return now + lock_retry;
    }
    if (dirty_.count(Section::sysctl) + dirty_.count(Section::limits) + dirty_.count(Section::program_hook) >
        0) {
        return now;
    }
    if (network_manager_answers_) {
        return std::max(now, next_profile_round_);
    }
    return ping_sent_ ? network_manager_deadline() : now;
}

std::optional<Reconciler::Time> Reconciler::next_glance(Time now) const {
    const auto due = glances_.due_at();
    // A round reads what was announced as well.
    if (!due || is_manual() || is_suspended_ || has_dirty_profile_part() ||
        (ping_sent_ && !network_manager_answers_)) {
        return std::nullopt;
    }
    return std::max({*due, now, next_profile_round_});
}

std::chrono::milliseconds Reconciler::time_to_next() const {
    const Time now = dependencies_.ports.clock.now();
    Time next = is_manual() || is_suspended_ ? now + nothing_due : next_poll_;
    for (const auto& [resource, retry_at] : retries_) {
        next = std::min(next, retry_at);
    }
    if (const auto round = next_round(now)) {
        next = std::min(next, *round);
    }
    if (const auto glance_at = next_glance(now)) {
        next = std::min(next, *glance_at);
    }
    if (const auto survey_at = next_survey(now)) {
        next = std::min(next, *survey_at);
    }
    return std::max(next - now, Time(0));
}

ReconcilerState Reconciler::state() const {
    ReconcilerState state;
    state.mode = desired_.reconcile.mode.value;
    state.repairs = ledger_.repairs();
    state.repairs_of = ledger_.repairs_of();
    state.last_apply = last_apply_result_;
    state.conflicts = ledger_.conflicts(dependencies_.ports.clock.now());
    if (is_suspended_) {
        state.phase = Phase::suspended;
    } else if (!state.conflicts.empty()) {
        state.phase = Phase::backing_off;
    } else if (!dirty_.empty()) {
        state.phase = ping_sent_ ? Phase::waiting : Phase::due;
    }
    return state;
}

} // namespace keeper
