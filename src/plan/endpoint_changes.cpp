// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "plan/impact.hpp"
#include "plan/learned_bounds.hpp"
#include "plan/planner.hpp"

namespace keeper::planner {

namespace {

std::size_t capacity_of(const Input& input) {
    return endpoint_capacity(input.observed, input.ownership.kernel);
}

/// NetworkManager creates no more than this, even if the kernel accepts more.
constexpr std::size_t network_manager_cap = 8;

} // namespace

Value endpoint_value(const ObservedState& observed, const Endpoint& endpoint) {
    const Link* link = find_link(observed, endpoint.ifindex);
    return EndpointValue{
        .interface = link == nullptr ? "" : link->name, .flags = endpoint.flags, .id = endpoint.id};
}

bool is_changeable_in_place(EndpointFlags from, EndpointFlags to) {
    const EndpointFlags fixed = (from ^ to).without(EndpointFlag::backup).without(EndpointFlag::fullmesh);
    return fixed.empty() && !from.has(EndpointFlag::implicit);
}

Change endpoint_change(const ObservedState& observed, const EndpointAction& action, std::string source) {
    Change change;
    change.resource = Resource::endpoint;
    change.source = std::move(source);
    const ImpactOnConnections impact = impact_of({action}, observed.connections);
    change.impact = impact.impact;
    change.connections_affected = impact.connections;
    const auto describe = [&](const Endpoint* from, const Endpoint* to) {
        change.key = to_string(from != nullptr ? from->key : to->key);
        change.before = from != nullptr ? endpoint_value(observed, *from) : Value{};
        change.after = to != nullptr ? endpoint_value(observed, *to) : Value{};
    };
    if (const auto* added = std::get_if<AddEndpoint>(&action)) {
        describe(nullptr, &added->endpoint);
        change.note = "by netlink";
    } else if (const auto* removed = std::get_if<RemoveEndpoint>(&action)) {
        describe(&removed->endpoint, nullptr);
        change.note = "by netlink";
    } else if (const auto* replaced = std::get_if<ReplaceEndpoint>(&action)) {
        describe(&replaced->from, &replaced->to);
        change.note = replaced->from == replaced->to
                          ? "by netlink: re-added, because it was created before its address was usable"
                          : "by netlink: re-added, because the kernel cannot change it in place";
    } else {
        const auto& flags = std::get<SetEndpointFlags>(action);
        describe(&flags.from, &flags.to);
        change.note = "by netlink, in place";
    }
    if (!observed.connections && change.impact != Impact::none) {
        change.note += "; the affected connections are unknown: " + observed.connections.reason();
    }
    std::visit([&](const auto& value) { change.action = value; }, action);
    return change;
}

bool is_bound_to_a_wrong_interface(const ObservedState& observed, const Endpoint& existing) {
    if (!observed.links || existing.ifindex == Ifindex{}) {
        return false;
    }
    const Link* bound = find_link(observed, existing.ifindex);
    const auto has_address = [&](const Link& link) {
        return find_address(link, existing.key.address) != nullptr;
    };
    return bound == nullptr ||
           (!has_address(*bound) && std::any_of(observed.links->begin(), observed.links->end(), has_address));
}

bool is_as_requested(const Endpoint& existing, EndpointFlags requested) {
    return existing.flags == requested || existing.flags == requested.without(EndpointFlag::laminar);
}

bool is_table_full(const Input& input) {
    return input.observed.endpoints.or_empty().size() >= capacity_of(input);
}

bool is_full_for_network_manager(const Input& input) {
    std::size_t made = 0;
    for (const ManagedDevice& device : input.devices.or_empty()) {
        made += static_cast<std::size_t>(
            std::count_if(device.wanted.begin(), device.wanted.end(), [&](const Endpoint& endpoint) {
                return find_endpoint(input.observed, endpoint.key) != nullptr;
            }));
    }
    return made >= network_manager_cap || is_table_full(input);
}

bool exceeds_table(const Input& input) {
    std::set<SocketAddress> made;
    for (const ManagedDevice& device : input.devices.or_empty()) {
        for (const Endpoint& endpoint : device.wanted) {
            made.insert(endpoint.key);
        }
    }
    std::set<SocketAddress> going;
    for (const ManagedDevice& device : input.devices.or_empty()) {
        for (const Endpoint& endpoint : device.present) {
            going.insert(endpoint.key);
        }
    }
    std::set<SocketAddress> all = made;
    for (const Endpoint& endpoint : input.observed.endpoints.or_empty()) {
        if (going.count(endpoint.key) == 0) {
            all.insert(endpoint.key);
        }
    }
    return made.size() > network_manager_cap || all.size() > capacity_of(input) || is_table_full(input);
}

} // namespace keeper::planner
