#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "model/mptcp_counters.hpp"

/// Endpoints whose flags suit the other end of a connection.
namespace keeper::rules {

namespace {

/// Addresses that mean nothing outside of the network that they are in: RFC 1918, RFC 6598, RFC 4193.
bool is_private(const IpAddress& address) {
    const auto* bytes = address.bytes().data();
    if (address.family() == Family::ipv6) {
        return address.is_unique_local();
    }
    return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
           (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 100 && (bytes[1] & 0xc0) == 64);
}

/// All peers that are connected now are in private networks themselves, as in a data centre.
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
        {FindingCode::endpoint_wrong_role,
         endpoint.flags.has(EndpointFlag::signal) ? Severity::warning : Severity::info,
         to_string(endpoint.key),
         role_evidence(facts) +
             ", and the flag subflow makes it open subflows to its peers' ports, where no one listens" +
             (attempts > 0 ? " (" + std::to_string(attempts) + " were tried)" : "") +
             ": they fail, use up limits.subflows, and an address that was used for one is not announced",
         with_flags(facts, endpoint, {EndpointFlag::signal})});
}

void check_on_client(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    // An address that is on no interface is the public one of a host behind NAT that wants to be reached
    // there.
    if (!endpoint.flags.has(EndpointFlag::signal) ||
        place_of(facts, endpoint.key.address).address == nullptr) {
        return;
    }
    const bool leaks = is_private(endpoint.key.address) && !talks_to_private_peers_only(facts);
    const std::string opens_none =
        endpoint.flags.has(EndpointFlag::subflow) ? "" : ", and it opens no second path from this address";
    findings.push_back(
        {FindingCode::endpoint_wrong_role,
         leaks || !opens_none.empty() ? Severity::warning : Severity::info,
         to_string(endpoint.key),
         role_evidence(facts) + ", and the flag signal announces to every server this " +
             (leaks ? "private address of its network" : "address") +
             "; servers do not open subflows to a client" + opens_none,
         with_flags(facts, endpoint, flags_for_role(facts))});
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
