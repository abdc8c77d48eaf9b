// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "base/text/join.hpp"
#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"

/// Connections on which every subflow is a backup: none is preferred, and the flag has no effect.
namespace keeper::rules {

namespace {

std::vector<const ConnectionSubflow*> established(const Connection& connection) {
    std::vector<const ConnectionSubflow*> result;
    for (const ConnectionSubflow& subflow : connection.subflows) {
        if (subflow.fully_established) {
            result.push_back(&subflow);
        }
    }
    return result;
}

bool is_all_backup(const Connection& connection) {
    const auto subflows = established(connection);
    return !connection.fallback && subflows.size() > 1 &&
           std::all_of(subflows.begin(), subflows.end(), [](const ConnectionSubflow* subflow) {
               return subflow->backup;
           });
}

const Endpoint* endpoint_of(const Facts& facts, const ConnectionSubflow& subflow) {
    const std::vector<Endpoint>& all = facts.host.endpoints.or_empty();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Endpoint& endpoint) {
        return endpoint.key.address == subflow.local.address && endpoint.flags.has(EndpointFlag::backup);
    });
    return found == all.end() ? nullptr : &*found;
}

SubflowSides sides_of(const Facts& facts, const ConnectionSubflow& subflow) {
    const auto found = facts.subflow_sides.find({subflow.local, subflow.remote});
    return found == facts.subflow_sides.end() ? SubflowSides{} : found->second;
}

/// "192.0.2.2 by this host (its endpoint has the flag)", "198.51.100.2 by the peer (MP_JOIN or MP_PRIO)".
std::string origin_of(const Facts& facts, const ConnectionSubflow& subflow) {
    const SubflowSides sides = sides_of(facts, subflow);
    std::string text = to_string(subflow.local.address);
    if (sides.backup_here || !sides.backup_there) {
        const Endpoint* endpoint = endpoint_of(facts, subflow);
        text += " by this host";
        if (endpoint != nullptr && belongs_to_network_manager(facts, *endpoint)) {
            text += " (its endpoint, from the profile \"" +
                    managed_link(facts, endpoint->ifindex).profile->name + "\")";
        } else {
            text += endpoint != nullptr ? " (its endpoint has the flag)" : " (its endpoint had the flag)";
        }
    }
    if (sides.backup_there) {
        text += std::string(sides.backup_here ? " and" : "") + " by the peer (MP_JOIN or MP_PRIO)";
    }
    return text;
}

/// Removes the flag from the first endpoint of this host that has it.
std::string prefer_one(const Facts& facts, const Connection& connection) {
    for (const ConnectionSubflow* subflow : established(connection)) {
        const Endpoint* endpoint = endpoint_of(facts, *subflow);
        if (endpoint != nullptr && !sides_of(facts, *subflow).backup_there &&
            !is_about_to_change(facts, *endpoint)) {
            const EndpointFlags others = endpoint->flags.without(EndpointFlag::backup);
            Proposal proposal(facts);
            proposal.redeclare(*endpoint, others.empty() ? flags_for_role(facts) : others);
            return proposal.yaml() + "   # or any other path that you prefer";
        }
    }
    return "ip mptcp endpoint show   # on the peer: the preferred path must not have the flag backup";
}

} // namespace

Findings backup(const Facts& facts) {
    Findings findings;
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (!is_all_backup(connection)) {
            continue;
        }
        std::vector<std::string> origins;
        for (const ConnectionSubflow* subflow : established(connection)) {
            origins.push_back(origin_of(facts, *subflow));
        }
        findings.push_back(
            {.code = FindingCode::all_subflows_backup,
             .severity = Severity::warning,
             .subject = to_string(connection.remote),
             .evidence =
                 "every subflow of this connection is a backup, so none is preferred; the flag was set on " +
                 joined(origins, ", on "),
             .fix = prefer_one(facts, connection)});
        break; // one example is enough
    }
    return findings;
}

} // namespace keeper::rules
