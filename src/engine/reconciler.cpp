// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reconciler.hpp"

#include <algorithm>

#include "engine/observer.hpp"
#include "engine/resource_sections.hpp"
#include "plan/sysctl_choices.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// Rounds that query NetworkManager take up to a third of the time during a flood of its signals.
constexpr int pause_per_round = 2;
constexpr milliseconds longest_round_pause{500};
/// After a round that could not be carried out.
constexpr milliseconds pause_after_problem{1000};

const std::set<Section> every_section{
    Section::sysctl, Section::limits, Section::endpoints, Section::profiles};

bool asks_network_manager(const Scope& scope) {
    return (scope.has(Section::profiles) || scope.has(Section::endpoints)) && !scope.without_network_manager;
}

} // namespace

bool Reconciler::is_manual() const {
    return desired_.reconcile.mode.value == ReconcileMode::manual;
}

bool Reconciler::may_act(const Scope& scope) const {
    return desired_.reconcile.mode.value == ReconcileMode::enforce ||
           std::any_of(scope.sections.begin(), scope.sections.end(), [&](Section section) {
               return to_act_.count(section) != 0;
           });
}

void Reconciler::mark_dirty(const std::set<Section>& sections) {
    dirty_.insert(sections.begin(), sections.end());
    kernel_endpoints_due_ = kernel_endpoints_due_ || sections.count(Section::endpoints) != 0;
}

void Reconciler::load(DesiredState desired, Cause cause, std::uint64_t last_apply) {
    // In mode manual, an apply at the same time must not keep a reload from acting.
    const bool is_still_to_act = is_manual() && !to_act_.empty();
    desired_ = std::move(desired);
    last_apply_ = last_apply;
    is_superseded_ = false;
    is_suspended_ = false;
    ledger_.forget();
    retries_.clear();
    dirty_.clear();
    loading_.clear();
    to_act_.clear();
    last_problem_.clear();
    reported_warnings_.forget();
    next_try_ = Time(0);
    const bool acts = desired_.reconcile.mode.value == ReconcileMode::enforce ||
                      (is_manual() && (cause == Cause::reload || is_still_to_act));
    if (acts) {
        loading_.begin();
    }
    if (acts && is_manual()) {
        to_act_ = every_section;
    }
    if (acts || !is_manual()) {
        mark_dirty(every_section);
    }
    next_poll_ = dependencies_.ports.clock.now() + desired_.reconcile.interval.value;
}

void Reconciler::suspend(std::uint64_t last_apply) {
    last_apply_ = last_apply;
    is_superseded_ = false;
    is_suspended_ = true;
    dirty_.clear();
    retries_.clear();
}

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

void Reconciler::handle(Events events) {
    if (events.has(Event::network_manager_ready)) {
        network_manager_answers_ = true;
        ping_sent_.reset();
    }
    if (events.has(Event::network_manager_changed)) {
        network_manager_answers_ = false;
        ping_sent_.reset();
        ledger_.handle_network_manager_change();
    }
    if (is_manual() || is_suspended_) {
        return;
    }
    if (events.has(Event::sysctls_changed)) {
        mark_dirty({Section::sysctl});
    }
    if (events.has(Event::links_changed) || events.has(Event::profiles_changed) ||
        events.has(Event::network_manager_changed)) {
        mark_dirty(sections_of(Resource::profile));
    }
    if (events.has(Event::poked)) {
        mark_dirty(every_section);
    }
}

Reconciler::Unannounced Reconciler::read_unannounced() {
    Unannounced now;
    if (auto limits = dependencies_.ports.path_manager.limits()) {
        now.limits = *limits;
    }
    if (auto endpoints = dependencies_.ports.path_manager.endpoints()) {
        std::erase_if(*endpoints, [](const Endpoint& endpoint) { return endpoint.is_implicit(); });
        now.endpoints = std::move(*endpoints);
    }
    return now;
}

void Reconciler::poll(Time now) {
    if (now < next_poll_ || is_manual() || is_suspended_) {
        return;
    }
    next_poll_ = now + desired_.reconcile.interval.value;
    Unannounced found = read_unannounced();
    if (!trusts_limits_ || found.limits != last_seen_.limits) {
        mark_dirty({Section::limits});
        trusts_limits_ = true;
    }
    if (!trusts_endpoints_ || found.endpoints != last_seen_.endpoints) {
        mark_dirty(sections_of(Resource::profile));
        trusts_endpoints_ = true;
    }
    last_seen_ = std::move(found);
    poll_aliased_sysctls();
}

/// pm_type and path_manager change each other without an inotify event for the other one, and a path manager
/// or scheduler that is registered later becomes available without any event.
void Reconciler::poll_aliased_sysctls() {
    for (const char* name : {"pm_type", "path_manager", "scheduler"}) {
        const auto declared = desired_.sysctls.find(name);
        if (declared == desired_.sysctls.end()) {
            continue;
        }
        const std::string& wanted = declared->second.value;
        const auto values = dependencies_.ports.sysctls.read_all();
        if (values && values->count(name) != 0 && values->at(name) != wanted &&
            is_available(*values, name, wanted)) {
            mark_dirty({Section::sysctl});
        }
    }
}

void Reconciler::mark_retries(Time now) {
    for (auto retry = retries_.begin(); retry != retries_.end();) {
        if (now < retry->second) {
            ++retry;
            continue;
        }
        mark_dirty(sections_of(retry->first));
        retry = retries_.erase(retry);
    }
}

void Reconciler::step() {
    const Time now = dependencies_.ports.clock.now();
    poll(now);
    mark_retries(now);
    if (!dirty_.empty() && now >= next_try_) {
        run_round(now);
    }
}

Scope Reconciler::due_scope(Time now) {
    Scope scope;
    scope.sections = dirty_;
    if (!asks_network_manager(scope)) {
        return scope;
    }
    // The engine reports a record that cannot be read.
    const auto record = dependencies_.ports.state.load();
    scope = needed_scope(scope, desired_, record ? *record : Ownership{});
    // No round ever covers what nothing needs.
    std::erase_if(
        to_act_, [&](Section section) { return dirty_.count(section) != 0 && !scope.has(section); });
    dirty_ = scope.sections;
    if (!asks_network_manager(scope)) {
        return scope;
    }
    if (!network_manager_answers_ && !ping_sent_) {
        dependencies_.events.ping_network_manager();
        ping_sent_ = now;
    }
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
    if (covers(scope, Resource::endpoint)) {
        update_premature_endpoints();
        scope.tried_too_early = premature_.keys();
    }
    const Unannounced before = read_unannounced();
    if (may_act(scope) ? run_apply(scope) : run_check(scope)) {
        finish_round(scope, now, before);
    } else {
        next_try_ = dependencies_.ports.clock.now() + pause_after_problem;
    }
    if (asks_network_manager(scope)) {
        const Time end = dependencies_.ports.clock.now();
        next_profile_round_ = end + std::min((end - now) * pause_per_round, longest_round_pause);
        // The next round pings again: a NetworkManager that has frozen since must not block the daemon.
        network_manager_answers_ = false;
        dependencies_.ports.profiles.release();
    }
}

void Reconciler::finish_round(const Scope& scope, Time start, const Unannounced& before) {
    last_problem_.clear();
    for (const Section section : scope.sections) {
        // What was done without NetworkManager is checked again with it.
        if (section != Section::endpoints || !scope.without_network_manager) {
            dirty_.erase(section);
            to_act_.erase(section);
        }
    }
    // Another program may have written after the round's last read, and then this read shows a drifted host.
    // Only what was equal before and after the round need not be checked again.
    Unannounced after = read_unannounced();
    if (scope.has(Section::limits)) {
        trusts_limits_ = before.limits == after.limits;
        last_seen_.limits = after.limits;
    }
    if (covers(scope, Resource::endpoint)) {
        kernel_endpoints_due_ = false;
        trusts_endpoints_ = before.endpoints == after.endpoints;
        last_seen_.endpoints = std::move(after.endpoints);
    }
    if (is_manual()) {
        return; // only a reload acts again
    }
    // As of the start: the round still held what became due while it ran.
    const auto next = ledger_.next_tries(start);
    for (const Resource resource :
         {Resource::sysctl, Resource::limit, Resource::endpoint, Resource::profile}) {
        if (!covers(scope, resource)) {
            continue;
        }
        retries_.erase(resource);
        if (const auto found = next.find(resource); found != next.end()) {
            retries_.insert(*found);
        }
    }
}

void Reconciler::update_premature_endpoints() {
    const auto links = dependencies_.ports.links.links();
    const auto endpoints = dependencies_.ports.path_manager.endpoints();
    if (links && endpoints) {
        premature_.update(*links, *endpoints);
    }
}

void Reconciler::warn_once(const std::string& problem) {
    if (problem != last_problem_) {
        dependencies_.notices.warning(problem);
        last_problem_ = problem;
    }
}

bool Reconciler::run_apply(const Scope& scope) {
    ApplyOptions options;
    options.scope = scope;
    options.wait_for_network_manager = false;
    options.hold = [this](const Change& change) -> std::optional<std::string> {
        if (ledger_.may_repair(change, dependencies_.ports.clock.now())) {
            return std::nullopt;
        }
        return "paused: another program keeps changing it";
    };
    auto report = engine_.apply(desired_, options);
    if (!report) {
        warn_once(report.error().message);
        return false;
    }
    for (const std::string& warning : reported_warnings_.filter_new(report->warnings, scope.sections)) {
        dependencies_.notices.warning(warning);
    }
    ledger_.record_apply(*report, scope, dependencies_.ports.clock.now(), [this](const Change& change) {
        return loading_.includes(change);
    });
    loading_.record_apply(scope, *report);
    if (covers(scope, Resource::endpoint)) {
        premature_.forget_tried();
    }
    return true;
}

bool Reconciler::run_check(const Scope& scope) {
    auto found = engine_.observe(scope);
    if (!found) {
        warn_once(found.error().message);
        return false;
    }
    ledger_.record_check(make_plan(desired_, found->state, found->ownership, scope), scope);
    return true;
}

} // namespace keeper
