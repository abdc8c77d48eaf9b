// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "base/text/printable.hpp"
#include "plan/activation_command.hpp"
#include "plan/endpoint_doubt.hpp"
#include "plan/impact.hpp"
#include "plan/live_device.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"
#include "plan/profile_warnings.hpp"

/// The `profiles` section: NetworkManager's profiles, their live devices, and the endpoints that it creates.
namespace keeper::planner {

namespace {

/// One profile that a rule decides.
struct Decided {
    const Profile& profile;
    const ProfileRule& rule;
};

Change profile_change(const Decided& decided) {
    Change change;
    change.resource = Resource::profile;
    change.key = decided.profile.uuid;
    change.name = decided.profile.name;
    change.before = decided.profile.stored;
    change.after = *decided.rule.flags;
    change.source = to_string(decided.rule.source);
    return change;
}

/// By which means the change is made, for a message.
std::string means_of(const Profile& profile, const ChangeProfile& action) {
    std::string note;
    const auto add = [&](const std::string& part) { note += note.empty() ? part : "; " + part; };
    if (action.store) {
        switch (profile.storage) {
        case ProfileStorage::usr_lib:
            add("NetworkManager shadows " + profile.filename +
                " with a copy in /etc/NetworkManager/system-connections");
            break;
        case ProfileStorage::run:
            add("profile changed in /run, where it remains");
            break;
        case ProfileStorage::memory:
            add("profile changed in memory, where it remains");
            break;
        case ProfileStorage::etc:
        case ProfileStorage::unknown:
            add("profile changed in place");
            break;
        }
    }
    for (const LiveDevice& device : action.devices) {
        if (device.reapply) {
            const bool is_in_place = std::all_of(
                device.endpoints.begin(), device.endpoints.end(), [](const EndpointAction& endpoint) {
                    return std::holds_alternative<SetEndpointFlags>(endpoint);
                });
            add((device.endpoints.empty() ? ""
                 : is_in_place            ? "endpoint flags in place, then "
                                          : "endpoints by netlink, then ") +
                std::string("reapply on ") + device.interface);
        } else if (!device.endpoints.empty()) {
            add("endpoints on " + device.interface + " by netlink, without a reapply");
        }
    }
    return note;
}

std::string pending_warning(const Decided& decided, const std::string& reason) {
    return to_string(decided.rule.source) + ": profile " + quoted_name(decided.profile.name) + ": " + reason +
           "; run `" + activation_command(decided.profile) + "` to complete the change";
}

/// Also stored in the change, so that the report of an apply still has it when the plan is empty.
void warn_of_rp_filter(
    const Input& input, const Decided& decided, const ManagedDevice& device, Change& change, Plan& plan) {
    plan.depends_on.rp_filter = plan.depends_on.rp_filter || !device.wanted.empty();
    if (const auto effect = rp_filter_side_effect(input.observed, device)) {
        change.side_effects.push_back(
            to_string(decided.rule.source) + ": profile " + quoted_name(decided.profile.name) + ": " +
            *effect);
        plan.warnings.push_back(change.side_effects.back());
    }
}

/// Adds a change of one of NetworkManager's endpoints. If the same plan already moves the endpoint to another
/// id, the two changes are merged: carried out separately they would undo each other.
void add_endpoint_change(const Input& input, Change change, Plan& plan) {
    const auto moved = std::find_if(plan.changes.begin(), plan.changes.end(), [&](const Change& other) {
        return other.for_network_manager && other.key == change.key &&
               std::holds_alternative<ReplaceEndpoint>(other.action);
    });
    change.for_network_manager = true;
    if (moved == plan.changes.end()) {
        plan.changes.push_back(std::move(change));
        return;
    }
    if (std::holds_alternative<RemoveEndpoint>(change.action)) {
        *moved = std::move(change);
        return;
    }
    Endpoint to = std::get<ReplaceEndpoint>(moved->action).to;
    if (const auto* edit = std::get_if<SetEndpointFlags>(&change.action)) {
        to = edit->to;
    } else if (const auto* replaced = std::get_if<ReplaceEndpoint>(&change.action)) {
        to = replaced->to;
    }
    to.id = {};
    const ReplaceEndpoint both{std::get<ReplaceEndpoint>(moved->action).from, to};
    Change merged = endpoint_change(input.observed, both, change.source);
    merged.for_network_manager = true;
    merged.undone_by_network_manager = change.undone_by_network_manager;
    merged.note = moved->note;
    *moved = std::move(merged);
}

/// Adds endpoint changes of a profile that is itself as declared.
void add_stand_ins(const Input& input, const Decided& decided, const LivePlan& live, Plan& plan) {
    for (const EndpointAction& action : live.device.endpoints) {
        Change change = endpoint_change(input.observed, action, to_string(decided.rule.source));
        change.undone_by_network_manager = live.pending.has_value();
        change.note += ", for profile " + quoted_name(decided.profile.name);
        add_endpoint_change(input, std::move(change), plan);
    }
}

/// Adds endpoints of other programs that are in the way of a profile's own endpoints.
void add_blocked(const Input& input, const Decided& decided, const LivePlan& live, Plan& plan) {
    for (const LivePlan::Blocked& blocked : live.blocked) {
        Change change;
        change.resource = Resource::endpoint;
        change.key = to_string(blocked.endpoint.key);
        change.before = endpoint_value(input.observed, blocked.endpoint);
        change.after = change.before;
        change.source = to_string(decided.rule.source);
        change.actionability = Actionability::blocked;
        change.note = blocked.reason;
        change.for_network_manager = true;
        plan.changes.push_back(std::move(change));
    }
}

/// Why it is unknown what the profile's live devices need; std::nullopt if it is known.
std::optional<std::string> why_unknown(const Input& input, const Decided& decided) {
    if (decided.profile.activations.empty() || decided.rule.activation == Activation::defer) {
        return std::nullopt;
    }
    if (!input.devices) {
        return input.devices.reason();
    }
    return input.observed.endpoints ? std::nullopt : std::optional(input.observed.endpoints.reason());
}

void warn_of_memory_only(const Decided& decided, Plan& plan) {
    if (const auto warning = memory_only_warning(decided.profile, *decided.rule.flags)) {
        plan.warnings.push_back(
            to_string(decided.rule.source) + ": profile " + quoted_name(decided.profile.name) + ": " +
            *warning);
    }
}

/// The devices on which the profile is active. Devices are in the order of their profiles.
std::pair<std::vector<ManagedDevice>::const_iterator, std::vector<ManagedDevice>::const_iterator>
devices_of(const Input& input, const Profile& profile) {
    const std::vector<ManagedDevice>& devices = input.devices.or_empty();
    const auto is_before = [](const ManagedDevice& device, const Profile* other) {
        return std::less<>()(device.profile, other);
    };
    const auto is_after = [](const Profile* other, const ManagedDevice& device) {
        return std::less<>()(other, device.profile);
    };
    return {
        std::lower_bound(devices.begin(), devices.end(), &profile, is_before),
        std::upper_bound(devices.begin(), devices.end(), &profile, is_after)};
}

/// The change of the stored profile, without devices.
ChangeProfile stored_change(const Decided& decided) {
    const MptcpFlags wanted = *decided.rule.flags;
    return {
        .uuid = decided.profile.uuid,
        .store = decided.profile.stored != wanted,
        .stored = wanted,
        .stored_before = decided.profile.stored,
        .devices = {}};
}

void plan_profile(const Input& input, const Decided& decided, Plan& plan) {
    Change change = profile_change(decided);
    const Profile& profile = decided.profile;
    const auto idle = [&](Actionability actionability, std::string note) {
        change.actionability = actionability;
        change.note = std::move(note);
        plan.changes.push_back(std::move(change));
    };
    if (const auto reason = unsupported_flag(*decided.rule.flags, *input.observed.network_manager)) {
        if (profile.stored != *decided.rule.flags) {
            idle(Actionability::unsupported, *reason);
        }
        return;
    }
    if (const auto reason = why_unknown(input, decided)) {
        return idle(Actionability::blocked, *reason);
    }
    warn_of_memory_only(decided, plan);
    ChangeProfile action = stored_change(decided);
    std::vector<LivePlan> live_plans;
    std::vector<EndpointAction> effect;
    bool reapplies = false;
    const auto [first, last] = devices_of(input, profile);
    for (auto found = first; found != last; ++found) {
        const ManagedDevice& device = *found;
        LivePlan live = plan_live_device(input, device);
        if (live.pending) {
            plan.warnings.push_back(pending_warning(decided, *live.pending));
        }
        plan.warnings.insert(plan.warnings.end(), live.warnings.begin(), live.warnings.end());
        add_blocked(input, decided, live, plan);
        if (action.store || live.device.reapply || live.pending) {
            warn_of_rp_filter(input, decided, device, change, plan);
        }
        effect.insert(effect.end(), live.effect.begin(), live.effect.end());
        if (live.device.reapply && !reapplies && !action.store) {
            change.before = live.device.flags_before;
        }
        reapplies = reapplies || live.device.reapply;
        live_plans.push_back(std::move(live));
    }
    if (!action.store && !reapplies) {
        for (const LivePlan& live : live_plans) {
            add_stand_ins(input, decided, live, plan);
        }
        return;
    }
    for (LivePlan& live : live_plans) {
        if (live.device.reapply || !live.device.endpoints.empty()) {
            action.devices.push_back(std::move(live.device));
        }
    }
    const ImpactOnConnections impact = impact_of(effect, input.observed.connections);
    change.impact = impact.impact;
    change.connections_affected = impact.connections;
    change.note = means_of(profile, action);
    change.action = std::move(action);
    plan.changes.push_back(std::move(change));
}

/// The action for an endpoint that the keeper added on NetworkManager's behalf and that no rule requires any
/// longer. If NetworkManager creates an endpoint of its own there, it becomes that one. Otherwise it is
/// removed, because NetworkManager does not remove endpoints that it would not have created.
std::optional<EndpointAction> end_of_stand_in(const Input& input, const Endpoint& existing) {
    const ManagedDevice* maker = find_maker(*input.devices, existing.key);
    if (maker == nullptr) {
        return RemoveEndpoint{existing};
    }
    const Endpoint* made = find_in(maker->wanted, existing.key);
    if (maker->rule != nullptr || made == nullptr ||
        (made->flags == existing.flags && made->ifindex == existing.ifindex)) {
        return std::nullopt;
    }
    if (made->ifindex == existing.ifindex && is_changeable_in_place(existing.flags, made->flags)) {
        Endpoint changed = existing;
        changed.flags = made->flags;
        return SetEndpointFlags{existing, changed};
    }
    return ReplaceEndpoint{existing, *made};
}

/// Ends stand-ins on devices that no rule decides: their profile is no longer declared, no longer active, or
/// deleted.
void end_stand_ins(const Input& input, Plan& plan) {
    if (!input.devices || !input.observed.endpoints) {
        return;
    }
    const auto is_decided = [&](Ifindex ifindex) {
        return std::any_of(input.devices->begin(), input.devices->end(), [&](const ManagedDevice& device) {
            return device.rule != nullptr && device.activation->ifindex == ifindex;
        });
    };
    for (const auto& [key, owned] : input.ownership.stand_ins) {
        const Endpoint* existing = find_endpoint(input.observed, key);
        if (existing == nullptr || existing->is_implicit() || !is_as_requested(*existing, owned.requested) ||
            input.desired.endpoints.count(key) != 0 || is_decided(existing->ifindex) ||
            doubt_about(input, *existing)) {
            continue;
        }
        const auto action = end_of_stand_in(input, *existing);
        if (!action) {
            continue;
        }
        Change change = endpoint_change(input.observed, *action, owned.source);
        change.note = std::holds_alternative<RemoveEndpoint>(*action)
                          ? "by netlink: no declared and active profile requires it any longer"
                          : "by netlink: as NetworkManager creates it, because it is no longer declared";
        add_endpoint_change(input, std::move(change), plan);
    }
}

void warn_of_idle_rules(const Input& input, Plan& plan) {
    const std::vector<Profile>& profiles = input.observed.network_manager->profiles;
    for (const ProfileRule& rule : input.desired.profiles) {
        const auto is_hit = [&](const Profile& profile) { return matches(rule, profile); };
        const auto hit = std::find_if(profiles.begin(), profiles.end(), is_hit);
        if (hit == profiles.end()) {
            plan.warnings.push_back(to_string(rule.source) + ": this rule matches no profile");
        } else if (std::all_of(profiles.begin(), profiles.end(), [&](const Profile& profile) {
                       return !is_hit(profile) || profile.skip_reason.has_value();
                   })) {
            plan.warnings.push_back(
                to_string(rule.source) + ": this rule matches no profile that may be changed; " +
                quoted_name(hit->name) + " is skipped: " + *hit->skip_reason);
        } else if (
            rule.flags && ignores_vpn_plugins(input.observed.network_manager->version) &&
            std::all_of(profiles.begin(), profiles.end(), [&](const Profile& profile) {
                return !is_hit(profile) || profile.skip_reason || profile.type == "vpn";
            })) {
            plan.warnings.push_back(
                to_string(rule.source) +
                ": this rule has no effect: NetworkManager ignores the flags of a VPN plugin's profile");
        }
    }
}

void warn_of_forgotten(const Input& input, Plan& plan) {
    for (const Profile& profile : input.observed.network_manager->profiles) {
        const auto baseline = input.ownership.profiles.find(profile.uuid);
        if (baseline == input.ownership.profiles.end() || baseline->second.flags == profile.stored) {
            continue;
        }
        const ProfileRule* rule = deciding_rule(input.desired.profiles, profile);
        if (rule != nullptr && rule->flags) {
            continue;
        }
        plan.warnings.push_back(
            "the flags of profile " + quoted_name(profile.name) + " are no longer declared, left at " +
            to_string(profile.stored) + " (were " + to_string(baseline->second.flags) + " before " +
            baseline->second.source + ")");
    }
}

/// NetworkManager could not be read, so it is unknown what its profiles need: the section fails as one item.
Change unreachable_change(const Input& input, const ProfileRule& rule) {
    Change change;
    change.resource = Resource::profile;
    change.key = all_profiles;
    change.name = all_profiles;
    change.source = to_string(rule.source);
    change.actionability = Actionability::blocked;
    change.note = input.observed.network_manager_error;
    return change;
}

} // namespace

void plan_profiles(const Input& input, Plan& plan) {
    const auto declares = std::find_if(
        input.desired.profiles.begin(), input.desired.profiles.end(), [](const ProfileRule& rule) {
            return rule.flags.has_value();
        });
    if (!input.observed.network_manager) {
        if (declares != input.desired.profiles.end()) {
            plan.changes.push_back(unreachable_change(input, *declares));
        }
        return;
    }
    end_stand_ins(input, plan);
    for (const Profile& profile : input.observed.network_manager->profiles) {
        const ProfileRule* rule = deciding_rule(input.desired.profiles, profile);
        if (rule != nullptr && rule->flags) {
            plan_profile(input, {profile, *rule}, plan);
        }
    }
    warn_of_full_table(input, plan);
    warn_of_idle_rules(input, plan);
    warn_of_forgotten(input, plan);
}

} // namespace keeper::planner
