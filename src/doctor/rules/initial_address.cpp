// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "base/text/yaml_scalar.hpp"
#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/subflow_limit.hpp"
#include "model/mptcp_counters.hpp"
#include "plan/managed_devices.hpp"

/// allow_join_initial_addr_port: whether peers may open subflows to the address that they connected to. A
/// server behind a load balancer forbids it (flag C of RFC 8684) and announces another address or port.
namespace keeper::rules {

namespace {

bool is_closed_here(const Facts& facts) {
    const auto found = facts.host.sysctls.or_empty().find("allow_join_initial_addr_port");
    return found != facts.host.sysctls.or_empty().end() && found->second == "0";
}

bool is_port_free(const Facts& facts, std::uint16_t port) {
    const auto uses_it = [&](const SocketAddress& one) { return one.port == port; };
    return !facts.listeners ||
           std::none_of(facts.listeners->tcp.begin(), facts.listeners->tcp.end(), uses_it);
}

/// The address to announce: preferably IPv4, because an IPv6 address with a port needs more room (see
/// announcements.cpp).
AddressOnLink announceable(const Facts& facts) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        for (const Link& link : facts.host.links.or_empty()) {
            for (const LinkAddress& one : link.addresses) {
                if (link.up && link.carrier && one.scope == 0 && one.is_usable() && !one.temporary &&
                    one.address.family() == family && !one.address.is_loopback() &&
                    !one.address.is_link_local() && !path_objection(facts, link, one)) {
                    return {&link, &one};
                }
            }
        }
    }
    return {};
}

std::string announce_a_port(const Facts& facts) {
    constexpr std::uint16_t usual_port = 4321;
    std::uint16_t port = usual_port;
    const AddressOnLink local = announceable(facts);
    while (
        !is_port_free(facts, port) ||
        (local.address != nullptr && declared_endpoint(facts, {local.address->address, port}) != nullptr)) {
        ++port;
    }
    if (local.address == nullptr || local.address->address.family() == Family::ipv6) {
        return "sysctl: {allow_join_initial_addr_port: true}";
    }
    return "endpoints:   # or, without a load balancer in front: sysctl: {allow_join_initial_addr_port: "
           "true}\n  - {address: \"" +
           to_string(local.address->address) + "\", port: " + std::to_string(port) +
           ", interface: " + yaml_scalar(local.link->name) + ", flags: [signal]}";
}

void check_here(const Facts& facts, Findings& findings) {
    const std::vector<Endpoint> endpoints = configured_endpoints(facts);
    const bool announces = std::any_of(endpoints.begin(), endpoints.end(), [](const Endpoint& endpoint) {
        return endpoint.flags.has(EndpointFlag::signal);
    });
    if (!is_closed_here(facts) || announces || uses_userspace_path_manager(facts)) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::initial_address_closed,
         .severity = role_of(facts) == Role::client ? Severity::info : Severity::warning,
         .subject = "net.mptcp.allow_join_initial_addr_port",
         .evidence =
             "the value is 0: peers must not open subflows to the address that they connected to, and no "
             "endpoint announces another: a connection that this host accepts cannot get a second path",
         .fix = announce_a_port(facts)});
}

/// A connection opened by this host with a single subflow, although an endpoint could open another.
const Connection* single_path_connection(const Facts& facts, const std::vector<Endpoint>& idle) {
    for (const Connection& connection : facts.host.connections.or_empty()) {
        const auto number = std::count_if(
            connection.subflows.begin(), connection.subflows.end(), [](const ConnectionSubflow& subflow) {
                return subflow.fully_established;
            });
        const bool has_endpoint = std::any_of(idle.begin(), idle.end(), [&](const Endpoint& endpoint) {
            return !connection.subflows.empty() &&
                   endpoint.key.address.family() == connection.subflows.front().remote.address.family();
        });
        if (!connection.fallback && is_opened_here(facts, connection).value_or(false) && number == 1 &&
            has_endpoint && find_address(facts, connection.remote.address).address == nullptr &&
            !connection.remote.address.is_loopback()) {
            return &connection;
        }
    }
    return nullptr;
}

/// Whether another rule explains why no subflow was attempted.
bool has_other_reason(const Facts& facts) {
    const auto counts = [&](const char* name) { return counter(facts.counters, name) > 0; };
    return counts("MPJoinSynTx") || counts("MPJoinSynTxBindErr") || counts("MPJoinSynTxConnectErr") ||
           counts("MPJoinSynTxCreatSkErr") || uses_userspace_path_manager(facts) || !facts.host.limits ||
           facts.host.limits->subflows == 0 || facts.counters.empty();
}

/// Whether NetworkManager supports the flag for those of the endpoints that it creates.
bool support_laminar(const Facts& facts, const std::vector<Endpoint>& endpoints) {
    return std::none_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
        return belongs_to_network_manager(facts, endpoint) &&
               unsupported_flag(MptcpFlags{MptcpFlag::laminar}, *facts.host.network_manager);
    });
}

void check_peer(const Facts& facts, Findings& findings) {
    const std::vector<Endpoint> idle = idle_endpoints(facts);
    const Connection* connection = single_path_connection(facts, idle);
    if (connection == nullptr || has_other_reason(facts)) {
        return;
    }
    const bool joins_announced = std::any_of(idle.begin(), idle.end(), [](const Endpoint& endpoint) {
        return endpoint.flags.has(EndpointFlag::laminar) || endpoint.flags.has(EndpointFlag::fullmesh);
    });
    const bool accepts = facts.host.limits->add_addr_accepted > 0;
    const EndpointFlags flags =
        flags_for_role(facts).has(EndpointFlag::laminar) && support_laminar(facts, idle)
            ? EndpointFlags{EndpointFlag::subflow, EndpointFlag::laminar}
            : EndpointFlags{EndpointFlag::subflow, EndpointFlag::fullmesh};
    Proposal proposal(facts);
    for (const Endpoint& endpoint : joins_announced ? std::vector<Endpoint>{} : idle) {
        if (!is_about_to_change(facts, endpoint)) {
            proposal.redeclare(endpoint, flags);
        }
    }
    // If the limit is declared, applying the pasted YAML sets it as well.
    const std::string accept = accepts ? "" : accept_announcements(facts);
    const std::string limits = accept.starts_with("limits:") || proposal.empty() ? accept : "";
    const std::string yaml = limits + (limits.empty() || proposal.empty() ? "" : "\n") + proposal.yaml();
    findings.push_back(
        {.code = FindingCode::peer_address_closed,
         .severity = yaml.empty() ? Severity::info : Severity::warning,
         .subject = to_string(connection->remote),
         .evidence =
             "no subflow to this peer was attempted (MPJoinSynTx 0) although endpoint " +
             to_string(idle.front().key) +
             " is ready: the peer probably forbids subflows to its initial address (deny_join_id0: its "
             "allow_join_initial_addr_port is 0) and accepts them only at addresses that it announces" +
             (yaml.empty() ? "; this host is configured for that" : ""),
         .fix = yaml.empty() ? "mptcp-keeper monitor   # does the peer announce an address? if not, only its "
                               "administrator can change this"
                             : yaml});
}

} // namespace

Findings initial_address(const Facts& facts) {
    Findings findings;
    check_here(facts, findings);
    check_peer(facts, findings);
    return findings;
}

} // namespace keeper::rules
