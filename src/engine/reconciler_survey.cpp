// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "engine/reconciler.hpp"

// A survey: the whole host is read and compared with the declaration, as `status` does. For metrics.

namespace keeper {

namespace {

/// After a survey that could not be made, such as while a command holds the lock.
constexpr std::chrono::milliseconds pause_before_next_survey{1000};

} // namespace

void Reconciler::request_survey(Look::Connections connections) {
    const bool reads_connections = connections == Look::Connections::always ||
                                   requested_survey_ == std::optional(Look::Connections::always);
    requested_survey_ = reads_connections ? Look::Connections::always : Look::Connections::if_needed;
}

std::optional<Reconciler::Time> Reconciler::next_survey(Time now) const {
    if (!requested_survey_ || is_suspended_) {
        return std::nullopt;
    }
    if (network_manager_answers_) {
        return std::max({now, next_profile_round_, next_survey_try_});
    }
    return std::max(next_survey_try_, ping_sent_ ? *ping_sent_ + network_manager_patience : now);
}

/// NetworkManager is pinged first. One that does not answer in time is left out.
void Reconciler::survey(Time now) {
    if (!requested_survey_ || is_suspended_) {
        requested_survey_.reset();
        return;
    }
    ping_once(now);
    if (next_survey(now) > now) {
        return;
    }
    const auto guard = dependencies_.lock.try_lock();
    if (!guard || *guard == nullptr || !is_in_force()) {
        next_survey_try_ = now + pause_before_next_survey;
        return;
    }
    survey_under_lock();
}

void Reconciler::survey_under_lock() {
    const Time start = dependencies_.ports.clock.now();
    const bool asks = network_manager_answers_;
    Scope scope;
    scope.sections.erase(Section::units);
    scope.declares_program_hook = declares_program_hook(desired_);
    if (!asks) {
        scope.sections.erase(Section::profiles);
        scope.without_network_manager = true;
    }
    Look look = next_look();
    look.devices.clear();
    look.profiles = survey_knows_network_manager_ ? Look::Profiles::changed : look.profiles;
    look.connections = *requested_survey_;
    auto found = engine_.observe(scope, look);
    if (!found) {
        warn_once(found.error().message);
        next_survey_try_ = dependencies_.ports.clock.now() + pause_before_next_survey;
    } else {
        requested_survey_.reset();
        const Plan plan = engine_.plan(desired_, *found, scope);
        std::optional<bool> in_sync = plan.in_sync();
        if (!asks && *in_sync && !desired_.profiles.empty()) {
            in_sync.reset();
        }
        survey_knows_network_manager_ = asks && found->state.network_manager.has_value();
        survey_ = Survey{
            .found = std::move(*found),
            .plan = plan,
            .in_sync = in_sync,
            .time = dependencies_.ports.clock.wall_now()};
    }
    if (asks) {
        pause_network_manager(start);
        dependencies_.ports.profiles.release();
    }
}

} // namespace keeper
