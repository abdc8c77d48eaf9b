// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "base/text/shell_word.hpp"
#include "doctor/declaration.hpp"
#include "doctor/facts_view.hpp"
#include "doctor/fixes.hpp"
#include "doctor/profile_endpoints.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

void check_number(const Facts& facts, const std::vector<Endpoint>& endpoints, Findings& findings) {
    const bool has_none = facts.host.mptcp_supported && facts.host.endpoints && endpoints.empty();
    if (!has_none || (facts.host.sysctls && lacks_all_profile_endpoints(facts))) {
        return;
    }
    findings.push_back(
        {.code = FindingCode::no_endpoint,
         .severity = Severity::warning,
         .subject = "endpoints",
         .evidence =
             "the path manager has no endpoints: this host announces no address and opens no second path; " +
             role_evidence(facts) + rejected_text(unused_addresses(facts)),
         .fix = propose_endpoints(facts, flags_for_role(facts)) + role_comment(facts)});
}

/// Removes the endpoint, or its declaration: deleting a declared endpoint would last until the next apply.
std::string drop_endpoint(const Facts& facts, const Endpoint& endpoint) {
    const std::string device =
        endpoint.ifindex.value != 0 ? interface_name(facts, endpoint.ifindex) : std::string("INTERFACE");
    const std::string add =
        "ip address add " + to_string(endpoint.key.address) + "/LENGTH dev " + shell_word(device);
    if (!is_declared_present(facts, endpoint.key)) {
        return "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value) + "   # or: " + add;
    }
    if (!may_be_behind_nat(endpoint)) {
        return add + "   # or remove the endpoint from " +
               to_string(declared_endpoint(facts, endpoint.key)->source);
    }
    Proposal proposal(facts);
    proposal.remove(endpoint);
    return proposal.yaml() + "   # or: " + add;
}

/// For an address that another host uses too.
std::string resolve_duplicate(const Facts& facts, const Endpoint& endpoint, const Link& link) {
    const std::string advice = "give " + link.name + " an address that no other host uses";
    return is_declared_present(facts, endpoint.key)
               ? "# " + advice + ", and correct " + to_string(declared_endpoint(facts, endpoint.key)->source)
               : "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value) + "   # and " + advice;
}

/// Binds the endpoint to the interface that has its address.
std::string bind(const Facts& facts, const Endpoint& endpoint) {
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    if (!is_declared_present(facts, endpoint.key)) {
        return readd_command(facts, endpoint);
    }
    if (local.link == nullptr) {
        return drop_endpoint(facts, endpoint);
    }
    const DesiredEndpoint& declared = *declared_endpoint(facts, endpoint.key);
    Endpoint bound = endpoint;
    bound.ifindex = local.link->ifindex;
    if (declared.interface == local.link->name || belongs_to_network_manager(facts, bound)) {
        return readd_command(facts, endpoint);
    }
    Proposal proposal(facts);
    proposal.redeclare(bound, declared.flags);
    return proposal.yaml();
}

void check_address(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    const std::string subject = to_string(endpoint.key);
    if (local.address == nullptr) {
        findings.push_back(
            {.code = FindingCode::endpoint_address_missing,
             .severity = may_be_behind_nat(endpoint) ? Severity::info : Severity::error,
             .subject = subject,
             .evidence = may_be_behind_nat(endpoint)
                             ? "no interface has this address: it is announced to peers, which is correct "
                               "only for this host's public address behind NAT"
                             : "no interface has this address: the kernel tries it once per connection "
                               "(MPJoinSynTxBindErr) and does not retry",
             .fix = drop_endpoint(facts, endpoint)});
    } else if (!local.address->is_usable()) {
        findings.push_back(
            {.code = FindingCode::endpoint_address_tentative,
             .severity = Severity::warning,
             .subject = subject,
             .evidence =
                 "on " + local.link->name +
                 (local.address->dad_failed
                      ? ": another host on the network uses this address (duplicate address detection failed)"
                      : ": duplicate address detection is still running; the kernel tries an unusable "
                        "endpoint once and does not retry"),
             .fix = local.address->dad_failed
                        ? resolve_duplicate(facts, endpoint, *local.link)
                        : "while ip -6 address show dev " + shell_word(local.link->name) +
                              " tentative | grep -q ' " + to_string(endpoint.key.address) +
                              "/'; do sleep 1; done; " + readd_command(facts, endpoint)});
    }
}

void check_device(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    const std::string subject = to_string(endpoint.key);
    if (endpoint.ifindex.value != 0) {
        const Link* link = find_link(facts.host, endpoint.ifindex);
        if (link == nullptr || (local.link != nullptr && local.link->ifindex != endpoint.ifindex)) {
            const std::string cause =
                link == nullptr
                    ? "its interface (index " + std::to_string(endpoint.ifindex.value) + ") no longer exists"
                    : "it is bound to " + link->name + ", but the address is on " + local.link->name;
            findings.push_back(
                {.code = FindingCode::endpoint_no_device,
                 .severity = Severity::error,
                 .subject = subject,
                 .evidence = cause + ": it cannot open subflows",
                 .fix = bind(facts, endpoint)});
        }
        return;
    }
    if (!endpoint.flags.has(EndpointFlag::subflow) || local.link == nullptr) {
        return;
    }
    if (managed_link(facts, local.link->ifindex).profile != nullptr) {
        return; // NetworkManager deletes endpoints that other programs bind to its devices: leave it unbound
    }
    findings.push_back(
        {.code = FindingCode::endpoint_no_device,
         .severity = Severity::warning,
         .subject = subject,
         .evidence =
             "it is not bound to an interface: the routing table decides where its subflows leave, which need not be " +
             local.link->name,
         .fix = bind(facts, endpoint)});
}

void check_link(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const AddressOnLink local = find_address(facts, endpoint.key.address);
    const Link* link = endpoint.ifindex.value != 0 ? find_link(facts.host, endpoint.ifindex) : local.link;
    if (link != nullptr && (!link->up || !link->carrier)) {
        findings.push_back(
            {.code = FindingCode::link_down,
             .severity = Severity::warning,
             .subject = link->name,
             .evidence = std::string(link->up ? "it has no carrier" : "it is down") + ": endpoint " +
                         to_string(endpoint.key) + " provides no path but remains in the kernel's table",
             .fix = link->up ? "ethtool " + shell_word(link->name) + "   # is the cable plugged in?"
                             : bring_up(facts, *link)});
    }
}

/// Declared endpoints that are deferred because their address is missing or not usable.
void check_declared(const Facts& facts, Findings& findings) {
    for (const auto& [key, declared] : facts.desired->endpoints) {
        if (declared.absent || find_endpoint(facts.host, key) != nullptr) {
            continue;
        }
        const AddressOnLink local = find_address(facts, key.address);
        const std::string deferred =
            to_string(declared.source) + " declares this endpoint, but it is deferred: ";
        if (local.address == nullptr &&
            (declared.interface || key.port != 0 || declared.flags.has(EndpointFlag::subflow))) {
            findings.push_back(
                {.code = FindingCode::endpoint_address_missing,
                 .severity = Severity::warning,
                 .subject = to_string(key),
                 .evidence = deferred + "no interface has this address",
                 .fix = "ip address add " + to_string(key.address) + "/LENGTH dev " +
                        shell_word(declared.interface.value_or("INTERFACE")) +
                        "   # or remove the endpoint from " + to_string(declared.source)});
        } else if (local.address != nullptr && !local.address->is_usable()) {
            findings.push_back(
                {.code = FindingCode::endpoint_address_tentative,
                 .severity = Severity::warning,
                 .subject = to_string(key),
                 .evidence = deferred + "the address on " + local.link->name + " is not usable yet",
                 .fix =
                     "mptcp-keeper apply --only endpoints   # once duplicate address detection has finished"});
        }
    }
}

std::size_t subflow_endpoints(const std::vector<Endpoint>& endpoints, Family family) {
    return static_cast<std::size_t>(
        std::count_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.key.address.family() == family && endpoint.flags.has(EndpointFlag::subflow);
        }));
}

void check_families(const Facts& facts, const std::vector<Endpoint>& endpoints, Findings& findings) {
    const std::size_t v4 = subflow_endpoints(endpoints, Family::ipv4);
    const std::size_t v6 = subflow_endpoints(endpoints, Family::ipv6);
    const auto fix = [&](std::optional<Family> family) {
        return propose_endpoints(facts, {EndpointFlag::subflow}, family);
    };
    if (v4 == 1 && v6 == 1) {
        findings.push_back(
            {.code = FindingCode::family_mismatch,
             .severity = Severity::warning,
             .subject = "endpoints",
             .evidence = "one subflow endpoint is IPv4 and the other IPv6: a connection keeps to its address "
                         "family, so neither provides a second path for the other",
             .fix = fix({})});
    }
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (connection.subflows.empty()) {
            continue;
        }
        const SocketAddress& remote = connection.subflows.front().remote;
        const bool is_v4 = remote.address.family() == Family::ipv4;
        if ((is_v4 ? v4 : v6) == 0 && (is_v4 ? v6 : v4) > 0) {
            findings.push_back(
                {.code = FindingCode::family_mismatch,
                 .severity = Severity::warning,
                 .subject = to_string(remote),
                 .evidence = std::string("this connection is ") + (is_v4 ? "IPv4" : "IPv6") +
                             ", but all subflow endpoints are of the other family: it gets no second path",
                 .fix = fix(remote.address.family())});
            return; // one example is enough
        }
    }
}

} // namespace

Findings endpoints(const Facts& facts) {
    Findings findings;
    const std::vector<Endpoint> endpoints = configured_endpoints(facts);
    check_number(facts, endpoints, findings);
    for (const Endpoint& endpoint : endpoints) {
        check_address(facts, endpoint, findings);
        check_device(facts, endpoint, findings);
        check_link(facts, endpoint, findings);
    }
    if (facts.desired && facts.host.endpoints.is_known()) {
        check_declared(facts, findings);
    }
    check_families(facts, endpoints, findings);
    return findings;
}

} // namespace keeper::rules
