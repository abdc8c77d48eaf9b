// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "doctor/facts_view.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/subflow_limit.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

/// "2 fullmesh endpoints and 2 accepted addresses can create 3 …".
std::string mesh_text(const Facts& facts, std::uint32_t wanted) {
    const std::vector<Endpoint> endpoints = configured_endpoints(facts);
    const auto number = std::count_if(endpoints.begin(), endpoints.end(), [](const Endpoint& endpoint) {
        return endpoint.flags.has(EndpointFlag::fullmesh);
    });
    const std::uint32_t accepted = facts.host.limits->add_addr_accepted;
    return std::to_string(number) + (number == 1 ? " fullmesh endpoint and " : " fullmesh endpoints and ") +
           std::to_string(accepted) + (accepted == 1 ? " accepted address" : " accepted addresses") +
           " can create " + std::to_string(wanted) +
           " additional subflows, and failed attempts count too; the peer's limit must be as high";
}

void check_subflows(const Facts& facts, Findings& findings) {
    const std::uint32_t limit = facts.host.limits->subflows;
    const std::uint32_t accepted = facts.host.limits->add_addr_accepted;
    const std::uint32_t wanted = wanted_subflows(facts);
    if (limit >= wanted) {
        return;
    }
    const std::string why = limit == 0 ? "no connection of this host can have a second subflow"
                            : fullmesh_subflows(facts) == wanted
                                ? mesh_text(facts, wanted)
                                : "the endpoints and add_addr_accepted " + std::to_string(accepted) +
                                      " can create " + std::to_string(wanted) + " additional subflows";
    findings.push_back(
        {.code = FindingCode::subflow_limit_too_low,
         .severity = limit == 0 ? Severity::error : Severity::warning,
         .subject = "limits.subflows",
         .evidence = "the limit is " + std::to_string(limit) + ": " + why,
         .fix = raise_subflows(facts)});
}

void check_announcements(const Facts& facts, const std::vector<Endpoint>& endpoints, Findings& findings) {
    const std::uint64_t received = counter(facts.counters, "AddAddr");
    const bool was_ignored = received > 0 && counter(facts.counters, "MPJoinSynTx") == 0;
    const bool can_join = std::any_of(endpoints.begin(), endpoints.end(), [](const Endpoint& endpoint) {
        return endpoint.flags.has(EndpointFlag::subflow) || endpoint.flags.has(EndpointFlag::signal);
    });
    if (facts.host.limits->add_addr_accepted > 0) {
        return;
    }
    std::string evidence = "the limit is 0: addresses that a peer announces (ADD_ADDR) are ignored";
    if (received > 0) {
        evidence += "; announcements received: " + std::to_string(received) + " (AddAddr)" +
                    (was_ignored ? ", subflows attempted: 0 (MPJoinSynTx)" : "");
    }
    findings.push_back(
        {.code = FindingCode::add_addr_not_accepted,
         .severity = was_ignored || !can_join ? Severity::warning : Severity::info,
         .subject = "limits.add_addr_accepted",
         .evidence = evidence,
         .fix = accept_announcements(facts)});
}

} // namespace

Findings limits(const Facts& facts) {
    Findings findings;
    if (!facts.host.limits) {
        return findings;
    }
    const std::vector<Endpoint> endpoints = configured_endpoints(facts);
    check_subflows(facts, findings);
    check_announcements(facts, endpoints, findings);
    return findings;
}

} // namespace keeper::rules
