#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/facts_view.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "doctor/silent_manager.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

void check_number(const Facts& facts, const std::vector<Endpoint>& endpoints, Findings& findings) {
    const bool has_none = facts.host.mptcp_supported && facts.host.endpoints && endpoints.empty();
    if (!has_none || (facts.host.sysctls && lacks_all_of_network_manager(facts))) {
        return;
    }
    findings.push_back(
        {FindingCode::no_endpoint,
         Severity::warning,
         "endpoints",
         "the path manager has none: this host announces no address and opens no second path; " +
             role_evidence(facts) + left_out_text(spare_addresses(facts)),
         propose_endpoints(facts, flags_for_role(facts)) + comment_on_role(facts)});
}

/// A command would not last where the endpoint is declared: the next apply adds it again.
std::string part_with(const Facts& facts, const Endpoint& endpoint) {
    const std::string device =
        endpoint.ifindex.value != 0 ? name_of(facts, endpoint.ifindex) : std::string("INTERFACE");
    const std::string add = "ip address add " + to_string(endpoint.key.address) + "/LENGTH dev " + device;
    if (!is_declared_present(facts, endpoint.key)) {
        return "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value) + "   # or: " + add;
    }
    if (!may_be_elsewhere(endpoint)) {
        return add + "   # or take it out of " + to_string(declared_endpoint(facts, endpoint.key)->source);
    }
    Proposal proposal(facts);
    proposal.remove(endpoint);
    return proposal.yaml() + "   # or: " + add;
}

/// The address is in use on another host too.
std::string give_up_duplicate(const Facts& facts, const Endpoint& endpoint, const Link& link) {
    const std::string advice = "give " + link.name + " an address that nobody else has";
    return is_declared_present(facts, endpoint.key)
               ? "# " + advice + ", and correct " + to_string(declared_endpoint(facts, endpoint.key)->source)
               : "ip mptcp endpoint delete id " + std::to_string(endpoint.id.value) + "   # and " + advice;
}

/// Binds the endpoint to the interface that has its address.
std::string bind(const Facts& facts, const Endpoint& endpoint) {
    const Place place = place_of(facts, endpoint.key.address);
    if (!is_declared_present(facts, endpoint.key)) {
        return readd_command(facts, endpoint);
    }
    if (place.link == nullptr) {
        return part_with(facts, endpoint);
    }
    const DesiredEndpoint& declared = *declared_endpoint(facts, endpoint.key);
    Endpoint bound = endpoint;
    bound.ifindex = place.link->ifindex;
    if (declared.interface == place.link->name || is_network_managers(facts, bound)) {
        return readd_command(facts, endpoint);
    }
    Proposal proposal(facts);
    proposal.redeclare(bound, declared.flags);
    return proposal.yaml();
}

void check_address(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const Place place = place_of(facts, endpoint.key.address);
    const std::string subject = to_string(endpoint.key);
    if (place.address == nullptr) {
        findings.push_back(
            {FindingCode::endpoint_address_missing,
             may_be_elsewhere(endpoint) ? Severity::info : Severity::error,
             subject,
             may_be_elsewhere(endpoint)
                 ? "no interface has this address: it is announced to peers, which is right only where it is "
                   "this host's public address behind NAT"
                 : "no interface has this address: the kernel tries it once for a connection "
                   "(MPJoinSynTxBindErr) and never again",
             part_with(facts, endpoint)});
    } else if (!place.address->is_usable()) {
        findings.push_back(
            {FindingCode::endpoint_address_tentative,
             Severity::warning,
             subject,
             "on " + place.link->name +
                 (place.address->dad_failed
                      ? ": somebody else on the network has this address (duplicate address detection failed)"
                      : ": duplicate address detection has not ended; an endpoint that was tried before then "
                        "is not tried again"),
             place.address->dad_failed ? give_up_duplicate(facts, endpoint, *place.link)
                                       : "while ip -6 address show dev " + place.link->name +
                                             " tentative | grep -q ' " + to_string(endpoint.key.address) +
                                             "/'; do sleep 1; done; " + readd_command(facts, endpoint)});
    }
}

void check_device(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const Place place = place_of(facts, endpoint.key.address);
    const std::string subject = to_string(endpoint.key);
    if (endpoint.ifindex.value != 0) {
        const Link* link = find_link(facts.host, endpoint.ifindex);
        if (link == nullptr || (place.link != nullptr && place.link->ifindex != endpoint.ifindex)) {
            const std::string what =
                link == nullptr
                    ? "its interface (index " + std::to_string(endpoint.ifindex.value) + ") is gone"
                    : "it names " + link->name + ", and the address is on " + place.link->name;
            findings.push_back(
                {FindingCode::endpoint_no_device,
                 Severity::error,
                 subject,
                 what + ": its subflows cannot leave",
                 bind(facts, endpoint)});
        }
        return;
    }
    if (!endpoint.flags.has(EndpointFlag::subflow) || place.link == nullptr) {
        return;
    }
    if (managed_link(facts, place.link->ifindex).profile != nullptr) {
        return; // NetworkManager deletes what is bound to its devices: unbound is as good as it gets
    }
    findings.push_back(
        {FindingCode::endpoint_no_device,
         Severity::warning,
         subject,
         "it names no interface: its subflows leave by whatever the routing table chooses, not surely by " +
             place.link->name,
         bind(facts, endpoint)});
}

void check_link(const Facts& facts, const Endpoint& endpoint, Findings& findings) {
    const Place place = place_of(facts, endpoint.key.address);
    const Link* link = endpoint.ifindex.value != 0 ? find_link(facts.host, endpoint.ifindex) : place.link;
    if (link != nullptr && (!link->up || !link->carrier)) {
        findings.push_back(
            {FindingCode::link_down,
             Severity::warning,
             link->name,
             std::string(link->up ? "it has no carrier" : "it is down") + ": endpoint " +
                 to_string(endpoint.key) + " is no path, and it stays in the kernel's list all the same",
             link->up ? "ethtool " + link->name + "   # is the cable in?" : bring_up(facts, *link)});
    }
}

/// Endpoints that wait, or never came to be, since their address is not there.
void check_declared(const Facts& facts, Findings& findings) {
    for (const auto& [key, declared] : facts.desired->endpoints) {
        if (declared.absent || find_endpoint(facts.host, key) != nullptr) {
            continue;
        }
        const Place place = place_of(facts, key.address);
        const std::string where = to_string(declared.source) + " declares it";
        if (place.address == nullptr &&
            (declared.interface || key.port != 0 || declared.flags.has(EndpointFlag::subflow))) {
            findings.push_back(
                {FindingCode::endpoint_address_missing,
                 Severity::warning,
                 to_string(key),
                 where + ", and it waits: no interface has this address",
                 "ip address add " + to_string(key.address) + "/LENGTH dev " +
                     declared.interface.value_or("INTERFACE") + "   # or take it out of " +
                     to_string(declared.source)});
        } else if (place.address != nullptr && !place.address->is_usable()) {
            findings.push_back(
                {FindingCode::endpoint_address_tentative,
                 Severity::warning,
                 to_string(key),
                 where + ", and it waits: the address is on " + place.link->name + " and not usable yet",
                 "mptcp-keeper apply --only endpoints   # once duplicate address detection has ended"});
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
            {FindingCode::family_mismatch,
             Severity::warning,
             "endpoints",
             "one subflow endpoint is IPv4 and the other IPv6: a connection stays in its family, so neither "
             "gives the other a second path",
             fix({})});
    }
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (connection.subflows.empty()) {
            continue;
        }
        const EndpointKey& remote = connection.subflows.front().remote;
        const bool is_v4 = remote.address.family() == Family::ipv4;
        if ((is_v4 ? v4 : v6) == 0 && (is_v4 ? v6 : v4) > 0) {
            findings.push_back(
                {FindingCode::family_mismatch,
                 Severity::warning,
                 to_string(remote),
                 std::string("this connection is ") + (is_v4 ? "IPv4" : "IPv6") +
                     ", and all subflow endpoints are of the other family: it gets no second path",
                 fix(remote.address.family())});
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
