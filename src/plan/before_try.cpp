// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/before_try.hpp"

#include <algorithm>

#include "plan/activation_command.hpp"
#include "plan/ownership_record.hpp"

namespace keeper {

namespace {

constexpr const char* the_try = "the try";

bool was_recorded(const Ownership& record, const SocketAddress& key) {
    return record.endpoints.count(key) != 0 || record.displaced.count(key) != 0;
}

/// Whether another endpoint, which the revert does not move, has that id by now.
bool is_id_taken(const Endpoint& wanted, const Ownership& record, const ObservedState& observed) {
    if (!observed.endpoints) {
        return false;
    }
    return std::any_of(observed.endpoints->begin(), observed.endpoints->end(), [&](const Endpoint& endpoint) {
        return endpoint.id == wanted.id && endpoint.key != wanted.key &&
               record.endpoints.count(endpoint.key) == 0;
    });
}

bool runs_as_before(const ProfileActivation& activation, const PendingTry& pending) {
    const auto before = pending.found_live.find(activation.interface);
    return before == pending.found_live.end() || before->second == activation.live;
}

const Profile* find_profile(const ObservedState& observed, const std::string& uuid) {
    const auto& profiles = observed.network_manager->profiles;
    const auto found = std::find_if(
        profiles.begin(), profiles.end(), [&](const Profile& profile) { return profile.uuid == uuid; });
    return found == profiles.end() ? nullptr : &*found;
}

/// Leaves out profiles that are gone or still as they were, and the devices of those that had other flags
/// than their profile.
void adapt_to_profiles(DesiredState& desired, const PendingTry& pending, const ObservedState& observed) {
    if (!observed.network_manager) {
        return;
    }
    std::erase_if(desired.profiles, [&](ProfileRule& rule) {
        const Profile* profile = find_profile(observed, rule.match.uuids.front());
        if (profile == nullptr) {
            return true;
        }
        const bool are_as_before = std::all_of(
            profile->activations.begin(),
            profile->activations.end(),
            [&](const ProfileActivation& activation) { return runs_as_before(activation, pending); });
        rule.activation = are_as_before ? Activation::defer : Activation::automatic;
        return are_as_before && profile->stored == rule.flags;
    });
}

bool runs_device(const Profile& profile, const LiveDevice& device) {
    return std::any_of(
        profile.activations.begin(), profile.activations.end(), [&](const ProfileActivation& activation) {
            return activation.interface == device.interface && activation.reapply_disturbs;
        });
}

} // namespace

Ownership settings_before_try(const DesiredState& candidate, const ObservedState& observed) {
    Ownership found;
    for (const auto& declared : candidate.sysctls) {
        if (const std::string* value = find_sysctl_value(observed, declared.first)) {
            found.sysctls[declared.first] = {*value, the_try};
        }
    }
    if (observed.limits && candidate.subflows) {
        found.limits["subflows"] = {observed.limits->subflows, the_try};
    }
    if (observed.limits && candidate.add_addr_accepted) {
        found.limits["add_addr_accepted"] = {observed.limits->add_addr_accepted, the_try};
    }
    if (observed.endpoints) {
        for (const Endpoint& endpoint : *observed.endpoints) {
            if (!endpoint.is_implicit()) {
                found.displaced[endpoint.key] = {endpoint, the_try};
            }
        }
    }
    if (observed.network_manager) {
        for (const Profile& profile : observed.network_manager->profiles) {
            found.profiles[profile.uuid] = {.name = profile.name, .flags = profile.stored, .source = the_try};
        }
    }
    return found;
}

std::map<std::string, MptcpFlags> live_flags_before_try(const ObservedState& observed) {
    std::map<std::string, MptcpFlags> live;
    if (observed.network_manager) {
        for (const Profile& profile : observed.network_manager->profiles) {
            for (const ProfileActivation& activation : profile.activations) {
                live[activation.interface] = activation.live;
            }
        }
    }
    return live;
}

std::vector<std::string> unknown_before_try(const DesiredState& candidate, const ObservedState& observed) {
    std::vector<std::string> unknown;
    if (!candidate.sysctls.empty() && !observed.sysctls) {
        unknown.push_back(observed.sysctls.reason());
    }
    if ((candidate.subflows || candidate.add_addr_accepted) && !observed.limits) {
        unknown.push_back(observed.limits.reason());
    }
    if (!candidate.endpoints.empty() && !observed.endpoints) {
        unknown.push_back(observed.endpoints.reason());
    }
    if (!candidate.profiles.empty() && !observed.network_manager) {
        unknown.push_back(observed.network_manager_error);
    }
    return unknown;
}

DesiredState
desired_before_try(const PendingTry& pending, const Ownership& record, const ObservedState& observed) {
    Ownership before = pending.found;
    // Profiles and endpoints that the keeper has never touched are none of its business.
    std::erase_if(
        before.profiles, [&](const auto& entry) { return record.profiles.count(entry.first) == 0; });
    for (const auto& [uuid, baseline] : record.profiles) {
        before.profiles.try_emplace(uuid, baseline); // appeared during the try
    }
    std::erase_if(before.displaced, [&](const auto& entry) {
        return !was_recorded(record, entry.first) && !was_recorded(pending.record, entry.first);
    });
    DesiredState desired = desired_before_keeper(before, observed);
    adapt_to_profiles(desired, pending, observed);
    for (const auto& [key, baseline] : before.displaced) {
        if (is_id_taken(baseline.found, record, observed)) {
            desired.endpoints[key].id.reset();
        }
    }
    return desired;
}

Ownership record_before_try(const PendingTry& pending, const Ownership& record) {
    Ownership restored = pending.record;
    restored.boot_id = record.boot_id;
    restored.kernel = record.kernel;
    for (const auto& [key, baseline] : record.displaced) {
        restored.displaced.try_emplace(key, baseline);
    }
    return restored;
}

std::vector<std::string> not_restored_by_revert(const Plan& plan, const ObservedState& observed) {
    std::vector<std::string> messages;
    if (!observed.network_manager) {
        return messages;
    }
    for (const Change& change : plan.changes) {
        const auto* action = std::get_if<ChangeProfile>(&change.action);
        if (action == nullptr || change.actionability != Actionability::actionable) {
            continue;
        }
        const auto& profiles = observed.network_manager->profiles;
        const auto profile = std::find_if(profiles.begin(), profiles.end(), [&](const Profile& candidate) {
            return candidate.uuid == action->uuid;
        });
        for (const LiveDevice& device : action->devices) {
            if (profile != profiles.end() && device.reapply && runs_device(*profile, device)) {
                messages.push_back(
                    "profile " + change.name +
                    ": a revert restores its stored flags and its endpoints, but " + device.interface +
                    " keeps running the new flags, since another reapply could restart " + "DHCP or IPv6; `" +
                    activation_command(*profile) + "` makes the old ones final");
            }
        }
    }
    return messages;
}

} // namespace keeper
