// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "model/mptcp_counters.hpp"

/// Addresses that cannot be announced to peers, although an endpoint has the flag signal.
namespace keeper::rules {

namespace {

constexpr const char* sysctl = "add_addr_v6_port_drop_ts";

/// Declares the same address without its port.
std::string without_port(const Facts& facts, const Endpoint& endpoint) {
    Endpoint portless = endpoint;
    portless.key.port = 0;
    Proposal proposal(facts);
    proposal.remove(endpoint);
    if (find_endpoint(facts.host, portless.key) == nullptr &&
        declared_endpoint(facts, portless.key) == nullptr) {
        if (const AddressOnLink local = find_address(facts, endpoint.key.address); local.address != nullptr) {
            proposal.declare(local, endpoint.flags);
        } else {
            proposal.redeclare(portless, endpoint.flags);
        }
    }
    return proposal.yaml() + "   # or: sysctl -w net.ipv4.tcp_timestamps=0";
}

} // namespace

Findings announcements(const Facts& facts) {
    Findings findings;
    const auto drops_timestamps = facts.host.sysctls.or_empty().find(sysctl);
    const bool is_known = drops_timestamps != facts.host.sysctls.or_empty().end();
    if (!facts.tcp_timestamps || (is_known && drops_timestamps->second != "0")) {
        return findings;
    }
    const std::uint64_t dropped = counter(facts.counters, "AddAddrTxDrop");
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        if (endpoint.key.port == 0 || endpoint.key.address.family() != Family::ipv6 ||
            !endpoint.flags.has(EndpointFlag::signal)) {
            continue;
        }
        findings.push_back(
            {.code = FindingCode::add_addr_dropped,
             .severity = Severity::warning,
             .subject = to_string(endpoint.key),
             .evidence = "it cannot be announced while TCP timestamps are enabled: the TCP header has no "
                         "room left for an ADD_ADDR with an IPv6 address and a port (AddAddrTxDrop " +
                         std::to_string(dropped) + ")",
             .fix =
                 is_known ? std::string("sysctl: {") + sysctl + ": true}" : without_port(facts, endpoint)});
    }
    return findings;
}

} // namespace keeper::rules
