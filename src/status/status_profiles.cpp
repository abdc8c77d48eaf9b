// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "plan/activation_command.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"
#include "status/status_parts.hpp"

namespace keeper::status_parts {

namespace {

struct ProfileInput {
    const Profile& profile;
    const ProfileRule* rule;
    const NetworkManagerState& network_manager;
};

bool differs(const ProfileInput& input, const ProfileActivation& activation) {
    return input.rule != nullptr && input.rule->flags &&
           resolve(activation.live, activation, input.network_manager) !=
               resolve(*input.rule->flags, activation, input.network_manager);
}

/// The activation to show: the first whose live flags differ from the declared ones, else the first.
const ProfileActivation* shown_activation(const ProfileInput& input) {
    const auto& activations = input.profile.activations;
    const auto found =
        std::find_if(activations.begin(), activations.end(), [&](const ProfileActivation& activation) {
            return differs(input, activation);
        });
    if (found != activations.end()) {
        return &*found;
    }
    return activations.empty() ? nullptr : &activations.front();
}

ProfileStatus profile_status(const ProfileInput& input, const Change* change) {
    ProfileStatus status;
    status.uuid = input.profile.uuid;
    status.name = input.profile.name;
    status.stored = input.profile.stored;
    status.in_sync = is_in_sync(change);
    status.note = note_of(change);
    if (input.rule != nullptr) {
        status.desired = input.rule->flags;
        status.source = to_string(input.rule->source);
    }
    const ProfileActivation* activation = shown_activation(input);
    if (activation == nullptr) {
        return status;
    }
    status.live = activation->live;
    status.device = activation->interface;
    const bool is_unsupported = change != nullptr && change->actionability == Actionability::unsupported;
    if (differs(input, *activation) && status.in_sync && !is_unsupported) {
        status.pending = activation_command(input.profile);
    }
    return status;
}

} // namespace

void add_profiles(const Input& input, Status& status) {
    if (!input.observed.network_manager) {
        return;
    }
    const NetworkManagerState& network_manager = *input.observed.network_manager;
    for (const Profile& profile : network_manager.profiles) {
        if (profile.skip_reason) {
            status.skipped.push_back({profile.uuid, profile.name, *profile.skip_reason});
            continue;
        }
        const ProfileRule* rule = deciding_rule(input.desired.profiles, profile);
        if (rule != nullptr || input.ownership.profiles.count(profile.uuid) != 0) {
            status.profiles.push_back(profile_status(
                {profile, rule, network_manager}, find_change(input, Resource::profile, profile.uuid)));
        }
    }
}

} // namespace keeper::status_parts
