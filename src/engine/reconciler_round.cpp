// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "engine/observer.hpp"
#include "engine/reconciler.hpp"
#include "engine/resource_sections.hpp"

// A round: what it covers, what it reads, and what is known after it.

namespace keeper {

namespace {

/// After a round that could not be carried out.
constexpr std::chrono::milliseconds pause_after_problem{1000};

bool asks_network_manager(const Scope& scope) {
    return (scope.has(Section::profiles) || scope.has(Section::endpoints)) && !scope.without_network_manager;
}

} // namespace

bool Reconciler::is_in_force() {
    const auto mark = dependencies_.mark.load();
    if (!mark) {
        warn_once(mark.error().message);
        next_try_ = dependencies_.ports.clock.now() + pause_after_problem;
        is_superseded_ = false;
        return false;
    }
    is_superseded_ = mark->number > last_apply_;
    return !is_superseded_;
}

std::optional<Ownership> Reconciler::known_record() {
    if (last_.record() != nullptr) {
        return *last_.record();
    }
    // The record decides about sections that are not declared. The engine reports one that cannot be read.
    const bool decides_nothing = !desired_.profiles.empty() && !desired_.endpoints.empty();
    if (decides_nothing) {
        return Ownership{};
    }
    auto record = dependencies_.ports.state.load();
    return record ? std::optional(std::move(*record)) : std::nullopt;
}

Scope Reconciler::due_scope(Time now) {
    Scope scope;
    scope.sections = dirty_;
    scope.declares_program_hook = declares_program_hook(desired_);
    if (!asks_network_manager(scope)) {
        return scope;
    }
    if (const auto record = known_record()) {
        scope = needed_scope(scope, desired_, *record);
    }
    // No round ever covers what nothing needs.
    std::erase_if(
        to_act_, [&](Section section) { return dirty_.count(section) != 0 && !scope.has(section); });
    dirty_ = scope.sections;
    if (!asks_network_manager(scope)) {
        last_.note_that_no_item_needs_links();
        return scope;
    }
    ping_once(now);
    if (!network_manager_answers_ || now < next_profile_round_) {
        scope.sections.erase(Section::profiles);
        scope.sections.erase(Section::endpoints);
        const auto end = network_manager_deadline();
        if (end && now >= *end) {
            scope.sections.insert(Section::endpoints);
            scope.without_network_manager = true;
        }
    }
    return scope;
}

void Reconciler::run_round(Time now) {
    Scope scope = due_scope(now);
    if (scope.sections.empty()) {
        return;
    }
    const auto guard = dependencies_.lock.try_lock();
    if (!guard) {
        warn_once(guard.error().message);
        next_try_ = dependencies_.ports.clock.now() + pause_after_problem;
        return;
    }
    lock_was_taken_ = *guard == nullptr;
    if (lock_was_taken_ || !is_in_force()) {
        return;
    }
    const bool is_done = run_round_under_lock(scope, now);
    if (!is_done) {
        next_try_ = dependencies_.ports.clock.now() + pause_after_problem;
        reads_everything_ = true;
    }
    if (asks_network_manager(scope)) {
        pause_network_manager(now);
        dependencies_.ports.profiles.release();
    }
}

Look Reconciler::next_look() const {
    Look look;
    if (reads_everything_ || !last_.has_network_manager()) {
        return look;
    }
    look.profiles = Look::Profiles::changed;
    look.devices = suspected_devices_;
    if (suspects_all_devices_) {
        look.devices.merge(last_.active_devices());
    }
    return look;
}

bool Reconciler::run_round_under_lock(Scope scope, Time now) {
    // NetworkManager may have changed the flags that a device runs since the last check; only the endpoints
    // show it.
    Unannounced before;
    if (covers(scope, Resource::endpoint)) {
        before.endpoints = read_endpoints();
        suspect_devices_of(last_seen_.endpoints, before.endpoints);
    }
    const bool acts = may_act(scope);
    auto found = acts ? engine_.observe(scope, desired_, next_look()) : engine_.observe(scope, next_look());
    if (!found) {
        warn_once(found.error().message);
        return false;
    }
    before.limits = unannounced_part(found->state).limits;
    if (covers(scope, Resource::endpoint)) {
        premature_.update(found->state);
        scope.tried_too_early = premature_.keys();
    }
    std::optional<Observation> last;
    if (acts) {
        last = run_apply(scope, std::move(*found));
    } else {
        last = run_check(scope, std::move(*found));
    }
    if (!last) {
        return false;
    }
    finish_round(scope, now, before, *last);
    ++rounds_;
    return true;
}

void Reconciler::remember(const Scope& scope, const Unannounced& before, const Observation& last) {
    if (asks_network_manager(scope)) {
        reads_everything_ = !last.state.network_manager;
        suspects_all_devices_ = false;
        suspected_devices_.clear();
        glances_.was_read();
    }
    if (scope.has(Section::program_hook)) {
        last_hook_ = last.state.program_hook;
    }
    // Another program may have written during the round, and then the last read shows a drifted host. Only
    // what was equal before and after the round need not be checked again.
    Unannounced after = unannounced_part(last.state);
    if (scope.has(Section::limits)) {
        trusts_limits_ = before.limits == after.limits;
        last_seen_.limits = after.limits;
    }
    if (covers(scope, Resource::endpoint)) {
        kernel_endpoints_due_ = false;
        trusts_endpoints_ = before.endpoints == after.endpoints;
        last_.update(desired_, scope, last);
        suspect_devices_of(before.endpoints, after.endpoints);
        last_seen_.endpoints = std::move(after.endpoints);
    } else {
        last_.update(desired_, scope, last);
    }
}

void Reconciler::finish_round(
    const Scope& scope, Time start, const Unannounced& before, const Observation& last) {
    last_problem_.clear();
    for (const Section section : scope.sections) {
        // What was done without NetworkManager is checked again with it.
        if (section != Section::endpoints || !scope.without_network_manager) {
            dirty_.erase(section);
            to_act_.erase(section);
        }
    }
    remember(scope, before, last);
    if (!is_manual() && last_.differs_in_enabled(last.state)) {
        mark_dirty(sections_of(Resource::profile));
    }
    if (is_manual()) {
        return; // only a reload acts again
    }
    // As of the start: the round still held what became due while it ran.
    const auto next = ledger_.next_tries(start);
    for (const Resource resource :
         {Resource::sysctl, Resource::limit, Resource::endpoint, Resource::profile, Resource::program_hook}) {
        if (!covers(scope, resource)) {
            continue;
        }
        retries_.erase(resource);
        if (const auto found = next.find(resource); found != next.end()) {
            retries_.insert(*found);
        }
    }
}

void Reconciler::warn_once(const std::string& problem) {
    if (problem != last_problem_) {
        dependencies_.notices.warning(problem);
        last_problem_ = problem;
    }
}

std::optional<Observation> Reconciler::run_apply(const Scope& scope, Observation found) {
    ApplyOptions options;
    options.scope = scope;
    options.wait_for_network_manager = false;
    options.hold = [this](const Change& change) -> std::optional<std::string> {
        if (ledger_.may_repair(change, dependencies_.ports.clock.now())) {
            return std::nullopt;
        }
        return "paused: another program keeps changing it";
    };
    auto applied = engine_.apply(desired_, options, std::move(found));
    if (!applied) {
        warn_once(applied.error().message);
        return std::nullopt;
    }
    const ApplyReport& report = applied->report;
    last_apply_result_ = {
        .time = dependencies_.ports.clock.wall_now(), .success = !report.failed && report.verified};
    for (const std::string& warning : reported_warnings_.filter_new(report.warnings, scope.sections)) {
        dependencies_.notices.warning(warning);
    }
    ledger_.record_apply(report, scope, dependencies_.ports.clock.now(), [this](const Change& change) {
        return loading_.includes(change);
    });
    loading_.record_apply(scope, report);
    if (covers(scope, Resource::endpoint)) {
        premature_.forget_tried(desired_);
    }
    return std::move(applied->last);
}

Observation Reconciler::run_check(const Scope& scope, Observation found) {
    ledger_.record_check(engine_.plan(desired_, found, scope), scope);
    return found;
}

} // namespace keeper
