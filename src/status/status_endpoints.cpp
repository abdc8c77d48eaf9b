// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "plan/managed_devices.hpp"
#include "plan/plan_warnings.hpp"
#include "status/status_parts.hpp"

namespace keeper::status_parts {

namespace {

// clang-format off
const Endpoint& endpoint_of(const AddEndpoint& action) { return action.endpoint; }
const Endpoint& endpoint_of(const RemoveEndpoint& action) { return action.endpoint; }
const Endpoint& endpoint_of(const ReplaceEndpoint& action) { return action.from; }
const Endpoint& endpoint_of(const SetEndpointFlags& action) { return action.from; }
// clang-format on

const SocketAddress& key_of(const EndpointAction& action) {
    return std::visit([](const auto& item) -> const SocketAddress& { return endpoint_of(item).key; }, action);
}

/// The endpoint actions that the plan takes for profiles.
std::vector<const EndpointAction*> profile_actions(const Plan& plan) {
    std::vector<const EndpointAction*> result;
    for (const Change& change : plan.changes) {
        const auto* profile = std::get_if<ChangeProfile>(&change.action);
        if (profile == nullptr || keeper::is_in_sync(change.actionability)) {
            continue;
        }
        for (const LiveDevice& device : profile->devices) {
            for (const EndpointAction& action : device.endpoints) {
                result.push_back(&action);
            }
        }
    }
    return result;
}

std::string interface_name(const ObservedState& observed, Ifindex ifindex) {
    const Link* link = find_link(observed, ifindex);
    return link != nullptr ? link->name : "";
}

EndpointOwner owner_of(const SocketAddress& key, const Ownership& ownership, const ManagedDevice* maker) {
    if (ownership.endpoints.count(key) != 0) {
        return EndpointOwner::keeper;
    }
    const bool is_made = maker != nullptr || ownership.stand_ins.count(key) != 0;
    return is_made ? EndpointOwner::network_manager : EndpointOwner::other;
}

/// Fills in whether and where the endpoint is declared: itself, or through the profile from which
/// NetworkManager creates it.
void fill_declaration(const Input& input, const ManagedDevice* maker, EndpointStatus& status) {
    const auto declared = input.desired.endpoints.find(status.key);
    if (declared != input.desired.endpoints.end()) {
        status.desired = !declared->second.absent;
        status.source = to_string(declared->second.source);
        return;
    }
    const auto is_same = [&](const Endpoint& wanted) { return wanted.key == status.key; };
    if (maker != nullptr && maker->rule != nullptr) {
        status.desired = std::any_of(maker->wanted.begin(), maker->wanted.end(), is_same);
        status.source = to_string(maker->rule->source);
    }
}

EndpointStatus present_endpoint(
    const Input& input,
    const Endpoint& endpoint,
    const std::vector<ManagedDevice>& devices,
    const std::set<SocketAddress>& touched) {
    const ManagedDevice* maker = find_maker(devices, endpoint.key);
    const Change* change = find_change(input, Resource::endpoint, to_string(endpoint.key));
    EndpointStatus status;
    status.key = endpoint.key;
    status.interface = interface_name(input.observed, endpoint.ifindex);
    status.flags = endpoint.flags;
    status.id = endpoint.id;
    status.owner = owner_of(endpoint.key, input.ownership, maker);
    fill_declaration(input, maker, status);
    status.in_sync = is_in_sync(change) && touched.count(endpoint.key) == 0;
    status.note = note_of(change);
    return status;
}

bool is_listed(const Status& status, const SocketAddress& key) {
    return std::any_of(status.endpoints.begin(), status.endpoints.end(), [&](const EndpointStatus& item) {
        return item.key == key;
    });
}

EndpointStatus missing_endpoint(const SocketAddress& key, EndpointFlags flags) {
    EndpointStatus missing;
    missing.key = key;
    missing.flags = flags;
    missing.desired = true;
    missing.present = false;
    return missing;
}

void add_missing_declared(const Input& input, Status& status) {
    for (const auto& [key, declared] : input.desired.endpoints) {
        if (declared.absent || is_listed(status, key)) {
            continue;
        }
        const Change* change = find_change(input, Resource::endpoint, to_string(key));
        EndpointStatus missing = missing_endpoint(key, declared.flags);
        missing.interface = declared.interface.value_or("");
        missing.source = to_string(declared.source);
        missing.owner = EndpointOwner::keeper;
        missing.in_sync = is_in_sync(change);
        missing.note = note_of(change);
        status.endpoints.push_back(std::move(missing));
    }
}

void add_missing_of_profile(
    const Input& input, const Endpoint& wanted, const std::string& source, Status& status) {
    if (is_listed(status, wanted.key)) {
        return;
    }
    EndpointStatus missing = missing_endpoint(wanted.key, wanted.flags);
    missing.interface = interface_name(input.observed, wanted.ifindex);
    missing.owner = EndpointOwner::network_manager;
    missing.source = source;
    missing.in_sync = false;
    status.endpoints.push_back(std::move(missing));
}

void add_missing_of_profiles(const Input& input, Status& status) {
    for (const EndpointAction* action : profile_actions(input.plan)) {
        if (const auto* added = std::get_if<AddEndpoint>(action)) {
            add_missing_of_profile(input, added->endpoint, "", status);
        }
    }
    for (const Change& change : input.plan.changes) {
        const auto* added = std::get_if<AddEndpoint>(&change.action);
        if (added != nullptr && change.for_network_manager && !keeper::is_in_sync(change.actionability)) {
            add_missing_of_profile(input, added->endpoint, change.source, status);
        }
    }
}

} // namespace

void add_endpoints(const Input& input, Status& status) {
    const std::vector<ManagedDevice> devices =
        managed_devices(input.desired, input.observed, Scope{}, input.ownership.kernel).or_empty();
    std::set<SocketAddress> touched;
    for (const EndpointAction* action : profile_actions(input.plan)) {
        touched.insert(key_of(*action));
    }
    for (const Endpoint& endpoint : input.observed.endpoints.or_empty()) {
        if (!endpoint.is_implicit()) {
            status.endpoints.push_back(present_endpoint(input, endpoint, devices, touched));
        }
    }
    add_missing_declared(input, status);
    add_missing_of_profiles(input, status);
}

} // namespace keeper::status_parts
