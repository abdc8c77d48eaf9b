#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "model/mptcp_counters.hpp"

/// Addresses that peers are never told, although an endpoint has the flag signal.
namespace keeper::rules {

namespace {

constexpr const char* sysctl = "add_addr_v6_port_drop_ts";

/// The same address without its port.
std::string without_port(const Facts& facts, const Endpoint& endpoint) {
    Endpoint shorter = endpoint;
    shorter.key.port = 0;
    Proposal proposal(facts);
    proposal.remove(endpoint);
    if (find_endpoint(facts.host, shorter.key) == nullptr &&
        declared_endpoint(facts, shorter.key) == nullptr) {
        if (const Place place = place_of(facts, endpoint.key.address); place.address != nullptr) {
            proposal.declare(place, endpoint.flags);
        } else {
            proposal.redeclare(shorter, endpoint.flags);
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
            {FindingCode::add_addr_dropped,
             Severity::warning,
             to_string(endpoint.key),
             "it cannot be announced while TCP timestamps are on: an ADD_ADDR with an IPv6 address and a "
             "port "
             "does not fit into a header beside them (AddAddrTxDrop " +
                 std::to_string(dropped) + ")",
             is_known ? std::string("sysctl: {") + sysctl + ": true}" : without_port(facts, endpoint)});
    }
    return findings;
}

} // namespace keeper::rules
