// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reconciler.hpp"

#include <algorithm>

#include "engine/resource_sections.hpp"
#include "plan/sysctl_choices.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;

/// Work with NetworkManager takes up to a third of the time during a flood of its signals.
constexpr int pause_per_round = 2;
constexpr milliseconds longest_round_pause{500};

const std::set<Section> every_section{
    Section::sysctl, Section::limits, Section::endpoints, Section::profiles, Section::program_hook};

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
    glances_.forget();
    last_.forget();
    last_hook_.reset();
    reads_everything_ = true;
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
    const Time now = dependencies_.ports.clock.now();
    next_poll_ = now + desired_.reconcile.interval.value;
    next_full_look_ = now + dependencies_.full_look_interval;
}

void Reconciler::suspend(std::uint64_t last_apply) {
    last_apply_ = last_apply;
    is_superseded_ = false;
    is_suspended_ = true;
    dirty_.clear();
    retries_.clear();
    glances_.forget();
}

void Reconciler::handle(const Wakeup& wakeup) {
    const Events events = wakeup.events;
    if (events.has(Event::network_manager_ready)) {
        network_manager_answers_ = true;
        ping_sent_.reset();
    }
    if (events.has(Event::network_manager_changed)) {
        network_manager_answers_ = false;
        ping_sent_.reset();
        reads_everything_ = true;
        survey_knows_network_manager_ = false;
        ledger_.handle_network_manager_change();
    }
    if (is_manual() || is_suspended_) {
        return;
    }
    if (events.has(Event::sysctls_changed)) {
        mark_dirty({Section::sysctl});
    }
    if (events.has(Event::links_changed)) {
        reads_everything_ = true; // events were lost
    }
    if (events.has(Event::links_changed) || events.has(Event::network_manager_changed) ||
        std::any_of(wakeup.links.begin(), wakeup.links.end(), [this](const LinkChange& change) {
            return last_.is_concerned_by(change);
        })) {
        mark_dirty(sections_of(Resource::profile));
    }
    if (events.has(Event::profiles_changed) && last_.needs_links()) {
        glances_.known_changed(dependencies_.ports.clock.now());
    } else if (events.has(Event::other_profiles_changed) && last_.needs_links()) {
        glances_.other_changed(dependencies_.ports.clock.now());
    }
    if (events.has(Event::poked)) {
        // From the dispatcher script after each activation and reapply, or from a command. NetworkManager
        // announces what they change but for the flags that devices run: a snapshot of all profiles would
        // show no more.
        suspects_all_devices_ = true;
        last_.forget_record();
        mark_dirty(every_section);
    }
}

Reconciler::Unannounced Reconciler::unannounced_part(const ObservedState& state) {
    Unannounced part;
    if (state.limits) {
        part.limits = *state.limits;
    }
    if (state.endpoints) {
        part.endpoints = *state.endpoints;
        std::erase_if(*part.endpoints, [](const Endpoint& endpoint) { return endpoint.is_implicit(); });
    }
    return part;
}

std::optional<std::vector<Endpoint>> Reconciler::read_endpoints() {
    auto endpoints = dependencies_.ports.path_manager.endpoints();
    if (!endpoints) {
        return std::nullopt;
    }
    std::erase_if(*endpoints, [](const Endpoint& endpoint) { return endpoint.is_implicit(); });
    return std::move(*endpoints);
}

Reconciler::Unannounced Reconciler::read_unannounced() {
    Unannounced now;
    if (auto limits = dependencies_.ports.path_manager.limits()) {
        now.limits = *limits;
    }
    now.endpoints = read_endpoints();
    return now;
}

void Reconciler::suspect_devices_of(
    const std::optional<std::vector<Endpoint>>& before, const std::optional<std::vector<Endpoint>>& after) {
    if (before && after) {
        suspected_devices_.merge(last_.devices_of_difference(*before, *after));
    }
}

void Reconciler::poll(Time now) {
    if (now < next_poll_ || is_manual() || is_suspended_) {
        return;
    }
    next_poll_ = now + desired_.reconcile.interval.value;
    if (now >= next_full_look_) {
        next_full_look_ = now + dependencies_.full_look_interval;
        reads_everything_ = true;
        mark_dirty(every_section);
    }
    Unannounced found = read_unannounced();
    suspect_devices_of(last_seen_.endpoints, found.endpoints);
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
    poll_program_hook();
}

/// Nothing announces that another program unpins it.
void Reconciler::poll_program_hook() {
    const bool is_declared = declares_program_hook(desired_);
    const bool matters = is_declared || (last_hook_ && last_hook_->is_attached);
    if (matters && dependencies_.ports.program_hook.observe(is_declared) != last_hook_) {
        mark_dirty({Section::program_hook});
    }
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
    if (const auto due = next_glance(now); due && *due <= now) {
        glance();
    }
    if (!dirty_.empty() && now >= next_try_) {
        run_round(dependencies_.ports.clock.now());
    }
    survey(dependencies_.ports.clock.now());
}

bool Reconciler::has_dirty_profile_part() const {
    return dirty_.count(Section::profiles) + dirty_.count(Section::endpoints) != 0;
}

void Reconciler::ping_once(Time now) {
    if (!network_manager_answers_ && !ping_sent_) {
        dependencies_.events.ping_network_manager();
        ping_sent_ = now;
    }
}

void Reconciler::pause_network_manager(Time start) {
    const Time end = dependencies_.ports.clock.now();
    next_profile_round_ = end + std::min((end - start) * pause_per_round, longest_round_pause);
    // The next use pings again: a NetworkManager that has frozen since must not block the daemon.
    network_manager_answers_ = false;
}

void Reconciler::glance() {
    const Time start = dependencies_.ports.clock.now();
    ping_once(start);
    if (!network_manager_answers_) {
        return;
    }
    ProfilePort& profiles = dependencies_.ports.profiles;
    profiles.start_round();
    auto found = profiles.refresh({});
    glances_.was_read();
    if (!found || last_.is_concerned_by(*found, desired_)) {
        glances_.found_something();
        mark_dirty(sections_of(Resource::profile));
        if (!found) {
            reads_everything_ = true;
            pause_network_manager(start); // it may have frozen: the round pings first
        }
        return; // the round follows
    }
    last_.update(std::move(*found));
    glances_.found_nothing(dependencies_.ports.clock.now());
    pause_network_manager(start);
}

} // namespace keeper
