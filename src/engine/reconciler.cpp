#include "engine/reconciler.hpp"

#include <algorithm>

#include "engine/observer.hpp"
#include "engine/resource_kinds.hpp"
#include "plan/sysctl_choices.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// Rounds that ask NetworkManager may take up to a third of the time when its signals pour in.
constexpr int rest_per_round = 2;
constexpr milliseconds longest_rest{500};
/// After a round that could not be carried out.
constexpr milliseconds rest_after_trouble{1000};

const std::set<Kind> every_kind{Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles};

bool asks_network_manager(const Scope& scope) {
    return (scope.has(Kind::profiles) || scope.has(Kind::endpoints)) && !scope.without_network_manager;
}

} // namespace

bool Reconciler::is_manual() const {
    return desired_.reconcile.mode.value == ReconcileMode::manual;
}

bool Reconciler::may_act(const Scope& scope) const {
    return desired_.reconcile.mode.value == ReconcileMode::enforce ||
           std::any_of(
               scope.kinds.begin(), scope.kinds.end(), [&](Kind kind) { return to_act_.count(kind) != 0; });
}

void Reconciler::mark(const std::set<Kind>& kinds) {
    dirty_.insert(kinds.begin(), kinds.end());
    kernel_endpoints_due_ = kernel_endpoints_due_ || kinds.count(Kind::endpoints) != 0;
}

void Reconciler::load(DesiredState desired, Cause cause, std::uint64_t last_apply) {
    // An apply beside a reload in mode manual must not keep the reload from acting.
    const bool is_still_to_act = is_manual() && !to_act_.empty();
    desired_ = std::move(desired);
    last_apply_ = last_apply;
    is_superseded_ = false;
    is_suspended_ = false;
    accounts_.forget();
    retries_.clear();
    dirty_.clear();
    loading_.clear();
    to_act_.clear();
    trouble_.clear();
    told_warnings_.forget();
    next_try_ = Time(0);
    const bool acts = desired_.reconcile.mode.value == ReconcileMode::enforce ||
                      (is_manual() && (cause == Cause::reload || is_still_to_act));
    if (acts) {
        loading_.begin();
    }
    if (acts && is_manual()) {
        to_act_ = every_kind;
    }
    if (acts || !is_manual()) {
        mark(every_kind);
    }
    next_poll_ = outside_.ports.clock.now() + desired_.reconcile.interval.value;
}

void Reconciler::suspend(std::uint64_t last_apply) {
    last_apply_ = last_apply;
    is_superseded_ = false;
    is_suspended_ = true;
    dirty_.clear();
    retries_.clear();
}

bool Reconciler::is_in_force() {
    const auto mark = outside_.mark.load();
    if (!mark) {
        tell_once(mark.error().message);
        next_try_ = outside_.ports.clock.now() + rest_after_trouble;
        is_superseded_ = false;
        return false;
    }
    is_superseded_ = mark->number > last_apply_;
    return !is_superseded_;
}

void Reconciler::take(Events events) {
    if (events.has(Event::network_manager_ready)) {
        network_manager_answers_ = true;
        ping_sent_.reset();
    }
    if (events.has(Event::network_manager_changed)) {
        network_manager_answers_ = false;
        ping_sent_.reset();
        accounts_.start_anew_with_network_manager();
    }
    if (is_manual() || is_suspended_) {
        return;
    }
    if (events.has(Event::sysctls_changed)) {
        mark({Kind::sysctl});
    }
    if (events.has(Event::links_changed) || events.has(Event::profiles_changed) ||
        events.has(Event::network_manager_changed)) {
        mark(kinds_of(Resource::profile));
    }
    if (events.has(Event::poked)) {
        mark(every_kind);
    }
}

Reconciler::Unannounced Reconciler::read_unannounced() {
    Unannounced now;
    if (auto limits = outside_.ports.path_manager.limits()) {
        now.limits = *limits;
    }
    if (auto endpoints = outside_.ports.path_manager.endpoints()) {
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
        mark({Kind::limits});
        trusts_limits_ = true;
    }
    if (!trusts_endpoints_ || found.endpoints != last_seen_.endpoints) {
        mark(kinds_of(Resource::profile));
        trusts_endpoints_ = true;
    }
    last_seen_ = std::move(found);
    poll_aliased_sysctls();
}

/// pm_type and path_manager change one another without an inotify event on the other, and a path manager or
/// scheduler that is registered later becomes available without any.
void Reconciler::poll_aliased_sysctls() {
    for (const char* name : {"pm_type", "path_manager", "scheduler"}) {
        const auto declared = desired_.sysctls.find(name);
        if (declared == desired_.sysctls.end()) {
            continue;
        }
        const std::string& wanted = declared->second.value;
        const auto values = outside_.ports.sysctls.read_all();
        if (values && values->count(name) != 0 && values->at(name) != wanted &&
            is_available(*values, name, wanted)) {
            mark({Kind::sysctl});
        }
    }
}

void Reconciler::mark_retries(Time now) {
    for (auto retry = retries_.begin(); retry != retries_.end();) {
        if (now < retry->second) {
            ++retry;
            continue;
        }
        mark(kinds_of(retry->first));
        retry = retries_.erase(retry);
    }
}

void Reconciler::step() {
    const Time now = outside_.ports.clock.now();
    poll(now);
    mark_retries(now);
    if (!dirty_.empty() && now >= next_try_) {
        run_round(now);
    }
}

Scope Reconciler::due_scope(Time now) {
    Scope scope;
    scope.kinds = dirty_;
    if (!asks_network_manager(scope)) {
        return scope;
    }
    // A record that cannot be read is the engine's to tell.
    const auto record = outside_.ports.state.load();
    scope = needed_scope(scope, desired_, record ? *record : Ownership{});
    // No round will ever cover what nothing needs.
    std::erase_if(to_act_, [&](Kind kind) { return dirty_.count(kind) != 0 && !scope.has(kind); });
    dirty_ = scope.kinds;
    if (!asks_network_manager(scope)) {
        return scope;
    }
    if (!network_manager_answers_ && !ping_sent_) {
        outside_.events.ping_network_manager();
        ping_sent_ = now;
    }
    if (!network_manager_answers_ || now < next_profile_round_) {
        scope.kinds.erase(Kind::profiles);
        scope.kinds.erase(Kind::endpoints);
        const auto end = end_of_patience();
        if (end && now >= *end) {
            scope.kinds.insert(Kind::endpoints);
            scope.without_network_manager = true;
        }
    }
    return scope;
}

void Reconciler::run_round(Time now) {
    Scope scope = due_scope(now);
    if (scope.kinds.empty()) {
        return;
    }
    const auto guard = outside_.lock.try_lock();
    if (!guard) {
        tell_once(guard.error().message);
        next_try_ = outside_.ports.clock.now() + rest_after_trouble;
        return;
    }
    lock_was_taken_ = *guard == nullptr;
    if (lock_was_taken_ || !is_in_force()) {
        return;
    }
    if (covers(scope, Resource::endpoint)) {
        watch_addresses();
        scope.tried_too_early = premature_.keys();
    }
    const Unannounced before = read_unannounced();
    if (may_act(scope) ? run_acting(scope) : run_looking(scope)) {
        finish_round(scope, now, before);
    } else {
        next_try_ = outside_.ports.clock.now() + rest_after_trouble;
    }
    if (asks_network_manager(scope)) {
        const Time end = outside_.ports.clock.now();
        next_profile_round_ = end + std::min((end - now) * rest_per_round, longest_rest);
        // The next round asks again whether it answers: one that froze meanwhile must not hold us up.
        network_manager_answers_ = false;
        outside_.ports.profiles.release();
    }
}

void Reconciler::finish_round(const Scope& scope, Time start, const Unannounced& before) {
    trouble_.clear();
    for (const Kind kind : scope.kinds) {
        // What was done without NetworkManager is looked at again with it.
        if (kind != Kind::endpoints || !scope.without_network_manager) {
            dirty_.erase(kind);
            to_act_.erase(kind);
        }
    }
    // Somebody may have written after the round's last look, and then this look is of a drifted host. Only
    // what was the same before and after the round needs no second one.
    Unannounced after = read_unannounced();
    if (scope.has(Kind::limits)) {
        trusts_limits_ = before.limits == after.limits;
        last_seen_.limits = after.limits;
    }
    if (covers(scope, Resource::endpoint)) {
        kernel_endpoints_due_ = false;
        trusts_endpoints_ = before.endpoints == after.endpoints;
        last_seen_.endpoints = std::move(after.endpoints);
    }
    if (is_manual()) {
        return; // nothing but a reload acts again
    }
    // As of the start: what came due while the round went on was still held by it.
    const auto next = accounts_.next_tries(start);
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

void Reconciler::watch_addresses() {
    const auto links = outside_.ports.links.links();
    const auto endpoints = outside_.ports.path_manager.endpoints();
    if (links && endpoints) {
        premature_.look(*links, *endpoints);
    }
}

void Reconciler::tell_once(const std::string& trouble) {
    if (trouble != trouble_) {
        outside_.notices.warning(trouble);
        trouble_ = trouble;
    }
}

bool Reconciler::run_acting(const Scope& scope) {
    ApplyOptions options;
    options.scope = scope;
    options.wait_for_network_manager = false;
    options.hold = [this](const Change& change) -> std::optional<std::string> {
        if (accounts_.may_repair(change, outside_.ports.clock.now())) {
            return std::nullopt;
        }
        return "not repaired for now, since another program keeps changing it";
    };
    auto report = engine_.apply(desired_, options);
    if (!report) {
        tell_once(report.error().message);
        return false;
    }
    for (const std::string& warning : told_warnings_.news(report->warnings, scope.kinds)) {
        outside_.notices.warning(warning);
    }
    accounts_.applied(*report, scope, outside_.ports.clock.now(), [this](const Change& change) {
        return loading_.includes(change);
    });
    loading_.acted(scope, *report);
    if (covers(scope, Resource::endpoint)) {
        premature_.judged();
    }
    return true;
}

bool Reconciler::run_looking(const Scope& scope) {
    auto found = engine_.observe(scope);
    if (!found) {
        tell_once(found.error().message);
        return false;
    }
    accounts_.looked(make_plan(desired_, found->state, found->ownership, scope), scope);
    return true;
}

} // namespace keeper
