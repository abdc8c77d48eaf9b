// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/live_device.hpp"

#include <algorithm>

#include "base/text/printable.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::planner {

namespace {

/// Whether NetworkManager should have an endpoint for the address on the device with that index.
bool is_wanted_on(const Input& input, Ifindex ifindex, const SocketAddress& key) {
    const std::vector<ManagedDevice>& devices = *input.devices;
    return std::any_of(devices.begin(), devices.end(), [&](const ManagedDevice& device) {
        return device.activation->ifindex == ifindex && find_in(device.wanted, key) != nullptr;
    });
}

/// The endpoint is bound to an interface other than the one on which NetworkManager configured its address.
void want_other_interface(
    const Input& input,
    const ManagedDevice& device,
    const Endpoint& existing,
    const Endpoint& wanted,
    LivePlan& plan) {
    const bool is_wrong = is_bound_to_a_wrong_interface(input.observed, existing);
    const bool is_gone = find_link(input.observed, existing.ifindex) == nullptr;
    if (is_wrong && (is_gone || is_stand_in(input, existing))) {
        plan.effect.push_back(ReplaceEndpoint{existing, wanted});
        return;
    }
    const std::string& profile = device.profile->name;
    const std::string advice =
        "; remove it with `ip mptcp endpoint delete id " + std::to_string(existing.id.value) + "`";
    if (is_wrong) {
        plan.blocked.push_back(
            {existing,
             "another program bound it to " + find_link(input.observed, existing.ifindex)->name +
                 ", but its address is on " + device.activation->interface + " (profile " +
                 quoted_name(profile) + ")" + advice});
    } else if (existing.flags != wanted.flags) {
        plan.warnings.push_back(
            "endpoint " + to_string(wanted.key) +
            " is not changed: another program created it, with flags other than profile " +
            quoted_name(profile) + " declares" + advice);
    }
}

/// Plans the declared endpoint for one address of the device.
void want_endpoint(const Input& input, const ManagedDevice& device, const Endpoint& wanted, LivePlan& plan) {
    const Endpoint* existing = find_endpoint(input.observed, wanted.key);
    if (existing == nullptr || existing->is_implicit()) {
        plan.effect.push_back(AddEndpoint{wanted});
        return;
    }
    if (existing->ifindex != device.activation->ifindex) {
        if (!is_wanted_on(input, existing->ifindex, wanted.key)) {
            want_other_interface(input, device, *existing, wanted, plan);
        }
        return;
    }
    if (existing->flags == wanted.flags) {
        if (must_be_tried_again(input, *existing)) {
            plan.effect.push_back(ReplaceEndpoint{*existing, *existing});
        }
        return;
    }
    if (is_changeable_in_place(existing->flags, wanted.flags)) {
        Endpoint changed = *existing;
        changed.flags = wanted.flags;
        plan.effect.push_back(SetEndpointFlags{*existing, changed});
        return;
    }
    plan.effect.push_back(ReplaceEndpoint{*existing, wanted});
}

/// The endpoints that NetworkManager created for the device if net.mptcp.enabled was set when it last read
/// it. It does not read it again when the sysctl is cleared, and its next sync restores the same endpoints.
std::vector<Endpoint> made_while_enabled(const Input& input, const ManagedDevice& device) {
    const Link* link = find_link(input.observed, device.activation->ifindex);
    if (link == nullptr || !input.observed.sysctls || enabled_now(input.observed) == true) {
        return {};
    }
    const ProfileActivation& activation = *device.activation;
    return endpoints_by_network_manager(
        resolve(activation.live, activation, *input.observed.network_manager), *link, true);
}

/// Removes endpoints that NetworkManager, or the keeper on its behalf, created for the device and that are no
/// longer wanted.
void drop_stale(const Input& input, const ManagedDevice& device, LivePlan& plan) {
    const std::vector<Endpoint> earlier = made_while_enabled(input, device);
    for (const Endpoint& existing : *input.observed.endpoints) {
        if (existing.ifindex != device.activation->ifindex || existing.is_implicit()) {
            continue;
        }
        const SocketAddress& key = existing.key;
        const Endpoint* present = find_in(device.present, key);
        const Endpoint* made = find_in(earlier, key);
        const auto declared = input.desired.endpoints.find(key);
        const bool is_declared = declared != input.desired.endpoints.end() && !declared->second.absent;
        const bool was_made = made != nullptr && !is_declared && is_as_requested(existing, made->flags);
        const bool is_made_for = (present != nullptr && present->flags == existing.flags) || was_made ||
                                 is_stand_in(input, existing);
        if (is_made_for && find_in(device.wanted, key) == nullptr &&
            !(is_declared && input.ownership.endpoints.count(key) != 0)) {
            plan.effect.push_back(RemoveEndpoint{existing});
        }
    }
}

/// NetworkManager read net.mptcp.enabled when it activated the device, and reads it again only on a reapply
/// with a difference.
bool must_notice_sysctl(const Input& input, const ManagedDevice& device) {
    return enabled_now(input.observed) != true &&
           will_be_enabled(input.desired, input.observed, input.scope) && !device.wanted.empty() &&
           !device.activation->live.has(MptcpFlag::also_without_sysctl);
}

/// Whether a live connection uses the address, or may use it if the connections are unknown.
bool may_be_used(const ObservedState& observed, const IpAddress& address) {
    return !observed.connections || has_subflow_from(*observed.connections, address);
}

/// Keeps only the endpoint changes that a reapply would do worse or not at all: it deletes and re-adds an
/// endpoint where SET_FLAGS would close nothing (irrelevant if no connection uses the address), and it
/// ignores endpoints bound to interfaces that it does not manage.
void keep_only_what_reapply_cannot(const Input& input, const ManagedDevice& device, LivePlan& plan) {
    for (const EndpointAction& action : plan.effect) {
        const auto* edit = std::get_if<SetEndpointFlags>(&action);
        const auto* replaced = std::get_if<ReplaceEndpoint>(&action);
        const bool is_gentler = edit != nullptr && may_be_used(input.observed, edit->from.key.address);
        const bool is_elsewhere = replaced != nullptr && replaced->from.ifindex != device.activation->ifindex;
        if (is_gentler || is_elsewhere) {
            plan.device.endpoints.push_back(action);
        }
    }
}

std::string why_not_reapplied(const Input& input, const std::string& interface) {
    const std::string& version = input.observed.network_manager->version;
    return "a reapply on " + interface +
           (is_older(version, 1, 42) ? " would remove addresses that other programs added (NetworkManager " +
                                           version + " cannot preserve them)"
                                     : " would restart its DHCP or IPv6") +
           ", so it was skipped";
}

} // namespace

bool is_stand_in(const Input& input, const Endpoint& endpoint) {
    const auto found = input.ownership.stand_ins.find(endpoint.key);
    return found != input.ownership.stand_ins.end() && is_as_requested(endpoint, found->second.requested);
}

LivePlan plan_live_device(const Input& input, const ManagedDevice& device) {
    const ProfileRule& rule = *device.rule;
    const ProfileActivation& activation = *device.activation;
    const bool differs = activation.live != *rule.flags;
    LivePlan plan;
    plan.device.interface = activation.interface;
    plan.device.flags = *rule.flags;
    plan.device.flags_before = activation.live;
    if (rule.activation == Activation::defer) {
        if (differs) {
            plan.pending = activation.interface + " is not changed because of `activation: defer`";
        }
        return plan;
    }
    for (const Endpoint& wanted : device.wanted) {
        want_endpoint(input, device, wanted, plan);
    }
    drop_stale(input, device, plan);
    const bool may_reapply = rule.activation == Activation::reapply || !activation.reapply_disturbs;
    plan.device.force_difference = !differs && may_reapply && must_notice_sysctl(input, device);
    plan.device.reapply = (differs && may_reapply) || plan.device.force_difference;
    if (plan.device.reapply) {
        keep_only_what_reapply_cannot(input, device, plan);
        return plan;
    }
    if (differs) {
        plan.pending = why_not_reapplied(input, activation.interface);
    }
    plan.device.endpoints = plan.effect;
    if (input.exceeds_table) {
        const auto is_addition = [](const EndpointAction& action) {
            return std::holds_alternative<AddEndpoint>(action);
        };
        auto& kept = plan.device.endpoints;
        kept.erase(std::remove_if(kept.begin(), kept.end(), is_addition), kept.end());
        plan.effect = kept;
    }
    return plan;
}

} // namespace keeper::planner
