#include "plan/inverse.hpp"

#include <utility>

namespace keeper {

namespace {

EndpointAction inverse_of(const EndpointAction& action) {
    if (const auto* added = std::get_if<AddEndpoint>(&action)) {
        return RemoveEndpoint{added->endpoint};
    }
    if (const auto* removed = std::get_if<RemoveEndpoint>(&action)) {
        return AddEndpoint{removed->endpoint};
    }
    if (const auto* replaced = std::get_if<ReplaceEndpoint>(&action)) {
        if (replaced->from.is_implicit()) {
            return RemoveEndpoint{replaced->to}; // the kernel alone makes implicit ones, when it needs them
        }
        return ReplaceEndpoint{replaced->to, replaced->from};
    }
    const auto& edit = std::get<SetEndpointFlags>(action);
    return SetEndpointFlags{edit.to, edit.from};
}

ChangeProfile inverse_of(ChangeProfile action) {
    std::swap(action.stored, action.stored_before);
    for (LiveDevice& device : action.devices) {
        std::swap(device.flags, device.flags_before);
        std::vector<EndpointAction> back;
        for (auto edit = device.endpoints.rbegin(); edit != device.endpoints.rend(); ++edit) {
            back.push_back(inverse_of(*edit));
        }
        device.endpoints = std::move(back);
    }
    return action;
}

bool sets_enabled(const Change& change) {
    const auto* sysctl = std::get_if<SetSysctl>(&change.action);
    return sysctl != nullptr && sysctl->name == "enabled";
}

/// The limit that the patch set, as it was.
SetLimit inverse_of(const SetLimit& action, const Value& before) {
    const std::uint32_t value = std::get<std::uint32_t>(before);
    SetLimit back;
    if (action.patch.subflows) {
        back.patch.subflows = value;
    } else {
        back.patch.add_addr_accepted = value;
    }
    return back;
}

Change inverse_of(const Change& change) {
    Change back = change;
    std::swap(back.before, back.after);
    if (const auto* sysctl = std::get_if<SetSysctl>(&change.action)) {
        back.action = SetSysctl{sysctl->name, std::get<std::string>(change.before)};
    } else if (const auto* limit = std::get_if<SetLimit>(&change.action)) {
        back.action = inverse_of(*limit, change.before);
    } else if (const auto* profile = std::get_if<ChangeProfile>(&change.action)) {
        back.action = inverse_of(*profile);
    } else if (const auto endpoint = endpoint_action(change)) {
        std::visit([&](const auto& action) { back.action = action; }, inverse_of(*endpoint));
    }
    return back;
}

} // namespace

std::vector<Change> inverse_of(const std::vector<Change>& changes) {
    std::vector<Change> result;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        result.push_back(inverse_of(*change));
    }
    // NetworkManager reads net.mptcp.enabled when it reapplies a device: with the value that is about to go,
    // it would make endpoints that were not there before, or none.
    std::stable_partition(result.begin(), result.end(), sets_enabled);
    return result;
}

} // namespace keeper
