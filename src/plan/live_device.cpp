#include "plan/live_device.hpp"

#include <algorithm>

#include "base/printable.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::planner {

namespace {

bool contains(const std::vector<Endpoint>& endpoints, const EndpointKey& key) {
    return std::any_of(
        endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
}

/// The device's endpoint for an address that NetworkManager hands out, as it should be.
void want_endpoint(const Input& input, const ManagedDevice& device, const Endpoint& wanted, LivePlan& plan) {
    const Endpoint* existing = find_endpoint(input.observed, wanted.key);
    if (existing == nullptr || existing->is_implicit()) {
        plan.effect.push_back(AddEndpoint{wanted});
        return;
    }
    if (existing->ifindex != device.activation->ifindex) {
        if (existing->flags != wanted.flags) {
            plan.warnings.push_back(
                "the endpoint " + to_string(wanted.key) +
                " was made by somebody else, with other flags than profile " + quoted(device.profile->name) +
                " declares: left as it is; `ip mptcp endpoint delete id " +
                std::to_string(existing->id.value) + "` makes room");
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

/// Whether NetworkManager, or the keeper in its stead, made that endpoint.
bool is_made_for(const Input& input, const Endpoint& existing, const Endpoint& present) {
    const auto stand_in = input.ownership.stand_ins.find(existing.key);
    return existing.flags == present.flags ||
           (stand_in != input.ownership.stand_ins.end() && stand_in->second.requested == existing.flags);
}

void drop_stale(const Input& input, const ManagedDevice& device, const Endpoint& present, LivePlan& plan) {
    const Endpoint* existing = find_endpoint(input.observed, present.key);
    if (existing != nullptr && !existing->is_implicit() && !contains(device.wanted, present.key) &&
        existing->ifindex == device.activation->ifindex && is_made_for(input, *existing, present)) {
        plan.effect.push_back(RemoveEndpoint{*existing});
    }
}

/// NetworkManager looked at net.mptcp.enabled when it activated the device, and will not look again unless a
/// reapply brings a difference.
bool must_notice_sysctl(const Input& input, const ManagedDevice& device) {
    return !is_enabled_now(input.observed) && will_be_enabled(input.desired, input.observed, input.scope) &&
           !device.wanted.empty() && !device.activation->live.has(MptcpFlag::also_without_sysctl);
}

/// Keeps of the endpoint changes those that the reapply itself would do worse: it deletes and adds where
/// SET_FLAGS closes nothing. With no connection on the address it makes no difference.
void keep_gentle_edits(const Input& input, LivePlan& plan) {
    for (const EndpointAction& action : plan.effect) {
        const auto* edit = std::get_if<SetEndpointFlags>(&action);
        if (edit == nullptr) {
            continue;
        }
        const bool is_used = std::any_of(
            input.observed.connections.begin(),
            input.observed.connections.end(),
            [&](const Connection& connection) {
                return std::any_of(
                    connection.subflows.begin(),
                    connection.subflows.end(),
                    [&](const ConnectionSubflow& subflow) {
                        return subflow.local.address == edit->from.key.address;
                    });
            });
        if (is_used) {
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
           ", so it was left out";
}

} // namespace

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
            plan.pending = "activation: defer leaves " + activation.interface + " as it is";
        }
        return plan;
    }
    for (const Endpoint& wanted : device.wanted) {
        want_endpoint(input, device, wanted, plan);
    }
    for (const Endpoint& present : device.present) {
        drop_stale(input, device, present, plan);
    }
    const bool may_reapply = rule.activation == Activation::reapply || !activation.reapply_disturbs;
    plan.device.force_difference = !differs && may_reapply && must_notice_sysctl(input, device);
    plan.device.reapply = (differs && may_reapply) || plan.device.force_difference;
    if (plan.device.reapply) {
        keep_gentle_edits(input, plan);
        return plan;
    }
    if (differs) {
        plan.pending = why_not_reapplied(input, activation.interface);
    }
    plan.device.endpoints = plan.effect;
    if (exceeds_table(input)) {
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
