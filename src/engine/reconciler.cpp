#include "engine/reconciler.hpp"

#include <algorithm>

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// How soon after somebody else's lock the next try is made.
constexpr milliseconds lock_retry{20};
/// Rounds that ask NetworkManager may take up to a third of the time when its signals pour in.
constexpr int rest_per_round = 2;
constexpr milliseconds longest_rest{500};

Item item_of(const Change& change) {
    return {change.resource, change.key};
}

Kind kind_of(Resource resource) {
    switch (resource) {
    case Resource::sysctl:
        return Kind::sysctl;
    case Resource::limit:
        return Kind::limits;
    case Resource::endpoint:
        return Kind::endpoints;
    case Resource::profile:
        return Kind::profiles;
    case Resource::unit:
        return Kind::applications;
    }
    return Kind::sysctl;
}

} // namespace

std::string_view to_string(Phase phase) {
    switch (phase) {
    case Phase::idle:
        return "idle";
    case Phase::due:
        return "due";
    case Phase::waiting:
        return "waiting for NetworkManager";
    case Phase::backing_off:
        return "backing off";
    }
    return "";
}

bool Reconciler::may_act() const {
    return desired_.reconcile.mode.value == ReconcileMode::enforce || loading_;
}

bool Reconciler::declares_profiles() const {
    return !desired_.profiles.empty() || !desired_.endpoints.empty();
}

bool Reconciler::asks_network_manager(const Scope& scope) const {
    return declares_profiles() && (scope.has(Kind::profiles) || scope.has(Kind::endpoints));
}

void Reconciler::mark(std::initializer_list<Kind> kinds) {
    dirty_.insert(kinds);
}

void Reconciler::load(DesiredState desired, Cause cause) {
    desired_ = std::move(desired);
    history_.forget();
    told_.clear();
    rivals_.clear();
    const ReconcileMode mode = desired_.reconcile.mode.value;
    loading_ = mode == ReconcileMode::enforce || (mode == ReconcileMode::manual && cause == Cause::reload);
    dirty_.clear();
    if (mode != ReconcileMode::manual || loading_) {
        mark({Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles});
    }
    next_poll_ = outside_.ports.clock.now() + desired_.reconcile.interval.value;
}

void Reconciler::take(Events events) {
    if (events.has(Event::network_manager_ready)) {
        network_manager_answers_ = true;
        ping_is_out_ = false;
    }
    if (events.has(Event::network_manager_changed)) {
        network_manager_answers_ = false;
        ping_is_out_ = false;
    }
    if (desired_.reconcile.mode.value == ReconcileMode::manual) {
        return;
    }
    if (events.has(Event::sysctls_changed)) {
        mark({Kind::sysctl});
    }
    if (events.has(Event::links_changed)) {
        mark({Kind::endpoints, Kind::profiles});
    }
    if (events.has(Event::profiles_changed) || events.has(Event::network_manager_changed)) {
        mark({Kind::endpoints, Kind::profiles});
    }
    if (events.has(Event::poked)) {
        mark({Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles});
    }
}

Reconciler::Unannounced Reconciler::read_unannounced() {
    Unannounced now;
    if (auto limits = outside_.ports.path_manager.limits()) {
        now.limits = *limits;
        if (auto endpoints = outside_.ports.path_manager.endpoints()) {
            now.endpoints = std::move(*endpoints);
        }
    }
    return now;
}

void Reconciler::poll() {
    const Time now = outside_.ports.clock.now();
    if (now < next_poll_ || desired_.reconcile.mode.value == ReconcileMode::manual) {
        return;
    }
    next_poll_ = now + desired_.reconcile.interval.value;
    Unannounced found = read_unannounced();
    if (found != last_seen_) {
        last_seen_ = std::move(found);
        mark({Kind::limits, Kind::endpoints, Kind::profiles});
    }
    // pm_type and path_manager change one another without an inotify event on the other.
    if (desired_.sysctls.count("pm_type") + desired_.sysctls.count("path_manager") > 0) {
        mark({Kind::sysctl});
    }
}

void Reconciler::step() {
    poll();
    const Time now = outside_.ports.clock.now();
    if (retry_at_ && now >= *retry_at_) {
        retry_at_ = history_.next_try(now);
        mark({Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles});
    }
    if (!dirty_.empty()) {
        run_round();
    }
}

Scope Reconciler::due_scope(Time now) {
    Scope scope;
    scope.kinds = dirty_;
    if (!asks_network_manager(scope)) {
        return scope;
    }
    if (!network_manager_answers_ && !ping_is_out_) {
        outside_.events.ping_network_manager();
        ping_is_out_ = true;
    }
    if (!network_manager_answers_ || now < next_profile_round_) {
        scope.kinds.erase(Kind::profiles);
        scope.kinds.erase(Kind::endpoints);
    }
    return scope;
}

void Reconciler::run_round() {
    const Time now = outside_.ports.clock.now();
    Scope scope = due_scope(now);
    if (scope.kinds.empty()) {
        return;
    }
    const auto guard = outside_.lock.try_lock();
    if (!guard) {
        return;
    }
    for (const Kind kind : scope.kinds) {
        dirty_.erase(kind);
    }
    if (scope.has(Kind::endpoints) || scope.has(Kind::profiles)) {
        watch_addresses();
        scope.tried_too_early = tried_too_early_;
    }
    if (may_act()) {
        run_acting(scope);
    } else {
        run_looking(scope);
    }
    const Time end = outside_.ports.clock.now();
    if (asks_network_manager(scope)) {
        next_profile_round_ = end + std::min((end - now) * rest_per_round, longest_rest);
        // The next round asks again whether it answers: one that froze meanwhile must not hold us up.
        network_manager_answers_ = false;
    }
    last_seen_ = read_unannounced();
    retry_at_ = history_.next_try(end);
    if (dirty_.empty()) {
        loading_ = false;
    }
}

void Reconciler::watch_addresses() {
    const auto links = outside_.ports.links.links();
    const auto endpoints = outside_.ports.path_manager.endpoints();
    if (!links || !endpoints) {
        return;
    }
    std::set<IpAddress> usable;
    for (const Link& link : *links) {
        for (const LinkAddress& address : link.addresses) {
            if (address.is_usable()) {
                usable.insert(address.address);
            }
        }
    }
    for (const Endpoint& endpoint : *endpoints) {
        if (!endpoint.is_implicit() && usable.count(endpoint.key.address) == 0) {
            tried_too_early_.insert(endpoint.key);
        }
    }
    std::erase_if(tried_too_early_, [&](const EndpointKey& key) {
        return std::none_of(endpoints->begin(), endpoints->end(), [&](const Endpoint& endpoint) {
            return endpoint.key == key;
        });
    });
}

void Reconciler::run_acting(const Scope& scope) {
    ApplyOptions options;
    options.scope = scope;
    options.hold = [this](const Change& change) -> std::optional<std::string> {
        if (loading_ || history_.may_repair(item_of(change), outside_.ports.clock.now())) {
            return std::nullopt;
        }
        return "rests, since somebody else keeps changing it";
    };
    auto report = engine_.apply(desired_, options);
    if (report) {
        account(*report);
    } else {
        outside_.notices.warning(report.error().message);
    }
}

void Reconciler::run_looking(const Scope& scope) {
    auto found = engine_.observe(scope);
    if (!found) {
        outside_.notices.warning(found.error().message);
        return;
    }
    const Plan plan = make_plan(desired_, found->state, found->ownership, scope);
    std::erase_if(told_, [&](const auto& entry) {
        return scope.has(kind_of(entry.first.resource)) &&
               std::none_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
                   return item_of(change) == entry.first;
               });
    });
    for (const Change& change : plan.changes) {
        if (change.standing == Standing::actionable && told_.try_emplace(item_of(change), "drift").second) {
            outside_.notices.drifted(change);
        }
    }
}

void Reconciler::account(const ApplyReport& report) {
    for (const AppliedChange& item : report.changes) {
        switch (item.outcome) {
        case Outcome::applied:
            account_repair(item.change);
            break;
        case Outcome::failed:
        case Outcome::reverted:
            account_failure(item.change, item.error);
            break;
        case Outcome::deferred:
        case Outcome::unsupported:
            break;
        }
    }
}

void Reconciler::account_repair(const Change& change) {
    const Item item = item_of(change);
    told_.erase(item);
    if (const auto key = parse_endpoint_key(change.key)) {
        tried_too_early_.erase(*key);
    }
    if (loading_) {
        outside_.notices.applied(change);
        return;
    }
    const Time now = outside_.ports.clock.now();
    ++repairs_;
    last_repair_ = ReconcilerState::Repair{change, std::chrono::system_clock::now()};
    outside_.notices.repaired(change);
    if (change.undone_by_network_manager) {
        history_.reasserted(item, now);
        return;
    }
    history_.repaired(item, now);
    for (const Conflict& conflict : history_.conflicts(now)) {
        if (conflict.item == item) {
            rivals_[item] = outside_.rivals.likely_rival(change);
            outside_.notices.backed_off(change, rivals_[item], conflict.retry_at - now);
        }
    }
}

void Reconciler::account_failure(const Change& change, const std::string& reason) {
    const Item item = item_of(change);
    history_.failed(item, outside_.ports.clock.now());
    if (told_[item] != reason) {
        outside_.notices.failed(change, reason);
        told_[item] = reason;
    }
}

std::chrono::milliseconds Reconciler::time_to_next() const {
    const Time now = outside_.ports.clock.now();
    Time next =
        desired_.reconcile.mode.value == ReconcileMode::manual ? now + milliseconds(3600000) : next_poll_;
    if (const auto next_try = history_.next_try(now)) {
        next = std::min(next, *next_try);
    }
    const bool waits_for_network_manager = declares_profiles() && !network_manager_answers_;
    const bool kernel_part_is_due = dirty_.count(Kind::sysctl) + dirty_.count(Kind::limits) > 0;
    if (kernel_part_is_due || (!dirty_.empty() && !waits_for_network_manager)) {
        next = std::min(next, std::max(now + lock_retry, next_profile_round_));
    }
    return std::max(next - now, Time(0));
}

ReconcilerState Reconciler::state() const {
    const Time now = outside_.ports.clock.now();
    ReconcilerState state;
    state.mode = desired_.reconcile.mode.value;
    state.repairs = repairs_;
    state.last_repair = last_repair_;
    for (const Conflict& conflict : history_.conflicts(now)) {
        const auto rival = rivals_.find(conflict.item);
        state.conflicts.push_back({conflict, rival == rivals_.end() ? "another program" : rival->second});
    }
    if (!state.conflicts.empty()) {
        state.phase = Phase::backing_off;
    } else if (!dirty_.empty()) {
        state.phase = network_manager_answers_ ? Phase::due : Phase::waiting;
    }
    return state;
}

} // namespace keeper
