// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/impact.hpp"

#include <algorithm>
#include <map>

namespace keeper {

namespace {

/// What an action does to the subflows of its address.
enum class Disturbance { none, rebuilt, closed };

Disturbance disturbance_of(const EndpointAction& action) {
    if (const auto* flags = std::get_if<SetEndpointFlags>(&action)) {
        return (flags->from.flags ^ flags->to.flags).has(EndpointFlag::fullmesh) ? Disturbance::rebuilt
                                                                                 : Disturbance::none;
    }
    if (const auto* replaced = std::get_if<ReplaceEndpoint>(&action)) {
        return replaced->from.is_implicit() ? Disturbance::rebuilt : Disturbance::closed;
    }
    return std::holds_alternative<RemoveEndpoint>(action) ? Disturbance::closed : Disturbance::none;
}

IpAddress address_of(const EndpointAction& action) {
    if (const auto* added = std::get_if<AddEndpoint>(&action)) {
        return added->endpoint.key.address;
    }
    if (const auto* removed = std::get_if<RemoveEndpoint>(&action)) {
        return removed->endpoint.key.address;
    }
    if (const auto* replaced = std::get_if<ReplaceEndpoint>(&action)) {
        return replaced->from.key.address;
    }
    return std::get<SetEndpointFlags>(action).from.key.address;
}

} // namespace

ImpactOnConnections
impact_of(const std::vector<EndpointAction>& actions, const Observed<std::vector<Connection>>& connections) {
    std::map<IpAddress, Disturbance> disturbed;
    for (const EndpointAction& action : actions) {
        const Disturbance disturbance = disturbance_of(action);
        if (disturbance != Disturbance::none) {
            Disturbance& known = disturbed[address_of(action)];
            known = std::max(known, disturbance);
        }
    }
    ImpactOnConnections result;
    if (disturbed.empty()) {
        return result;
    }
    if (!connections) {
        result.impact = Impact::connections_may_close;
        return result;
    }
    for (const Connection& connection : *connections) {
        bool is_hit = false;
        bool is_rebuilt = false;
        bool has_other = false;
        for (const ConnectionSubflow& subflow : connection.subflows) {
            const auto found = disturbed.find(subflow.local.address);
            is_hit = is_hit || found != disturbed.end();
            is_rebuilt = is_rebuilt || (found != disturbed.end() && found->second == Disturbance::rebuilt);
            has_other = has_other || (found == disturbed.end() && subflow.fully_established);
        }
        if (connection.fallback || !is_hit) {
            continue;
        }
        ++result.connections;
        const bool survives = has_other || is_rebuilt;
        result.impact =
            std::max(result.impact, survives ? Impact::subflows_rebuilt : Impact::connections_may_close);
    }
    return result;
}

} // namespace keeper
