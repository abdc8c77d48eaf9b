// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/inverse.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"

namespace keeper {

namespace {

EndpointAction inverse_of(const EndpointAction& action) {
    return std::visit(
        overloaded{
            [](const AddEndpoint& added) -> EndpointAction { return RemoveEndpoint{added.endpoint}; },
            [](const RemoveEndpoint& removed) -> EndpointAction { return AddEndpoint{removed.endpoint}; },
            [](const ReplaceEndpoint& replaced) -> EndpointAction {
                if (replaced.from.is_implicit()) {
                    return RemoveEndpoint{replaced.to}; // the kernel creates implicit ones when it needs them
                }
                return ReplaceEndpoint{replaced.to, replaced.from};
            },
            [](const SetEndpointFlags& edit) -> EndpointAction {
                return SetEndpointFlags{edit.to, edit.from};
            },
        },
        action);
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

bool detaches_program_hook(const Change& change) {
    const auto* hook = std::get_if<ChangeProgramHook>(&change.action);
    return hook != nullptr && hook->request.empty();
}

bool sets_enabled(const Change& change) {
    const auto* sysctl = std::get_if<SetSysctl>(&change.action);
    return sysctl != nullptr && sysctl->name == "enabled";
}

/// Restores the limit that the patch set.
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
    const auto endpoint = [](const EndpointAction& action) {
        return std::visit([](const auto& each) -> Action { return each; }, inverse_of(action));
    };
    back.action = std::visit(
        overloaded{
            [](const std::monostate& none) -> Action { return none; },
            [&](const SetSysctl& sysctl) -> Action {
                return SetSysctl{sysctl.name, std::get<std::string>(change.before)};
            },
            [&](const SetLimit& limit) -> Action { return inverse_of(limit, change.before); },
            [&](const AddEndpoint& action) { return endpoint(action); },
            [&](const RemoveEndpoint& action) { return endpoint(action); },
            [&](const ReplaceEndpoint& action) { return endpoint(action); },
            [&](const SetEndpointFlags& action) { return endpoint(action); },
            [](const ChangeProfile& profile) -> Action { return inverse_of(profile); },
            // Units are taken back in another way: their drop-ins follow the files.
            [](const ChangeUnit& unit) -> Action { return unit; },
            [](const ChangeProgramHook& hook) -> Action {
                return ChangeProgramHook{.request = hook.request_before, .request_before = hook.request};
            },
        },
        change.action);
    return back;
}

} // namespace

std::vector<Change> inverse_of(const std::vector<Change>& changes) {
    std::vector<Change> result;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        result.push_back(inverse_of(*change));
    }
    // NetworkManager reads net.mptcp.enabled when it reapplies a device, so the value must be restored first.
    std::stable_partition(result.begin(), result.end(), sets_enabled);
    std::stable_partition(result.begin(), result.end(), detaches_program_hook);
    return result;
}

} // namespace keeper
