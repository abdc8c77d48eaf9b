// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "model/mptcp_counters.hpp"

/// Endpoints whose flags suit the other end of a connection.
namespace keeper::rules {

namespace {

/// Addresses without meaning outside of their own network: RFC 1918, RFC 6598, RFC 4193.
bool is_private(const IpAddress& address) {
    const auto* bytes = address.bytes().data();
    if (address.family() == Family::ipv6) {
        return address.is_unique_local();
    }
    return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
           (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 100 && (bytes[1] & 0xc0) == 64);
}

/// Whether all live peers are in private networks too, as in a data centre.
bool talks_to_private_peers_only(const Facts& facts) {
    bool has_peer = false;
    for (const Connection& connection : facts.host.connections.or_empty()) {
        has_peer = true;
        if (!is_private(connection.remote.address)) {
            return false;
        }
    }
    return has_peer;
}

std::uint64_t join_attempts(const Facts& facts) {
    return counter(facts.counters, "MPJoinSynTx") + counter(facts.counters, "MPJoinSynTxCreatSkErr") +
           counter(facts.counters, "MPJoinSynTxConnectErr");
}

std::string with_flags(const Facts& facts, const Endpoint& endpoint, EndpointFlags flags) {
    Proposal proposal(facts);
    proposal.redeclare(
        endpoint, endpoint.flags.has(EndpointFlag::backup) ? flags.with(EndpointFlag::backup) : flags);
    return proposal.yaml();
}

void check_on_server(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    if (!endpoint.flags.has(EndpointFlag::subflow)) {
        return;
    }
    const std::uint64_t attempts = join_attempts(facts);
    findings.push_back(
        {.code = FindingCode::endpoint_wrong_role,
         .severity = endpoint.flags.has(EndpointFlag::signal) ? Severity::warning : Severity::info,
         .subject = to_string(endpoint.key),
         .evidence = role_evidence(facts) +
                     ", but the flag subflow makes it open subflows to its peers, where no program listens" +
                     (attempts > 0 ? " (attempts so far: " + std::to_string(attempts) + ")" : "") +
                     ": they fail, count towards limits.subflows, and keep the address from being announced",
         .fix = with_flags(facts, endpoint, {EndpointFlag::signal})});
}

void check_on_client(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    // An address that no interface has is the public address of a host behind NAT, which peers are meant to
    // reach.
    if (!endpoint.flags.has(EndpointFlag::signal) ||
        find_address(facts, endpoint.key.address).address == nullptr) {
        return;
    }
    const bool leaks = is_private(endpoint.key.address) && !talks_to_private_peers_only(facts);
    const std::string opens_none =
        endpoint.flags.has(EndpointFlag::subflow) ? "" : ", and no second path starts from this address";
    findings.push_back(
        {.code = FindingCode::endpoint_wrong_role,
         .severity = leaks || !opens_none.empty() ? Severity::warning : Severity::info,
         .subject = to_string(endpoint.key),
         .evidence = role_evidence(facts) + ", but the flag signal announces this " +
                     (leaks ? "private address" : "address") +
                     " to every server; servers do not open subflows to a client" + opens_none,
         .fix = with_flags(facts, endpoint, flags_for_role(facts))});
}

} // namespace

Findings roles(const Facts& facts) {
    Findings findings;
    const Role role = role_of(facts);
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        if (is_about_to_change(facts, endpoint)) {
            continue;
        }
        if (role == Role::server) {
            check_on_server(facts, endpoint, findings);
        } else if (role == Role::client && endpoint.key.port == 0) {
            check_on_client(facts, endpoint, findings);
        }
    }
    return findings;
}

} // namespace keeper::rules
