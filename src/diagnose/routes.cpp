#include <algorithm>
#include <set>

#include "diagnose/facts_view.hpp"
#include "diagnose/rules.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// The subnet of one of the host's own addresses; "" where it is not known.
std::string subnet_of(const Facts& facts, const IpAddress& address) {
    const auto found = facts.subnets.find(address);
    return found == facts.subnets.end() ? "" : found->second;
}

void check_routes(const Facts& facts, Findings& findings) {
    for (const RouteFact& route : facts.routes) {
        const Place place = place_of(facts, route.endpoint.address);
        if (place.link == nullptr || !place.link->up) {
            continue; // other rules say so
        }
        const bool is_v4 = route.endpoint.address.family() == Family::ipv4;
        const bool leads_anywhere = is_v4 ? facts.default_route_v4 : facts.default_route_v6;
        if (route.found) {
            continue;
        }
        const std::string device = place.link->name;
        findings.push_back(
            {FindingCode::endpoint_no_route,
             leads_anywhere ? Severity::warning : Severity::info,
             to_string(route.endpoint),
             "no route leads from it by " + device + " to an address that is not on its own network (" +
                 route.words + ")" +
                 (leads_anywhere ? ": only peers on that network can be reached by this path"
                                 : "; nothing else on this host leads there either"),
             std::string(is_v4 ? "ip" : "ip -6") + " route add default via GATEWAY dev " + device +
                 " metric 200   # or in a table of its own: ip rule add from " +
                 to_string(route.endpoint.address) + " lookup 100"});
    }
}

void check_subnets(const Facts& facts, Findings& findings) {
    std::map<std::string, std::set<std::string>> links;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        const Place place = place_of(facts, endpoint.key.address);
        const std::string subnet = subnet_of(facts, endpoint.key.address);
        if (place.link != nullptr && !subnet.empty()) {
            links[subnet].insert(place.link->name);
        }
    }
    for (const auto& [subnet, names] : links) {
        if (names.size() < 2) {
            continue;
        }
        std::string list;
        for (const std::string& name : names) {
            list += (list.empty() ? "" : ", ") + name;
        }
        const bool is_apart = facts.arp_is_strict && subnet.find(':') == std::string::npos;
        findings.push_back(
            {FindingCode::same_subnet,
             is_apart ? Severity::info : Severity::warning,
             subnet,
             "endpoints on " + list +
                 (is_apart ? " share this subnet; each answers ARP for itself alone, as it must be there"
                           : " share this subnet: answers to ARP and packets of one can leave by the "
                             "other, so that both paths may be the same cable"),
             "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2   # or give each "
             "interface a subnet of its own"});
    }
}

bool is_interesting(const Facts& facts, const Link& link) {
    const std::vector<Endpoint> all = configured_endpoints(facts);
    return std::any_of(all.begin(), all.end(), [&](const Endpoint& endpoint) {
        const Place place = place_of(facts, endpoint.key.address);
        return endpoint.key.address.family() == Family::ipv4 && place.link == &link;
    });
}

void check_rp_filter(const Facts& facts, Findings& findings) {
    const auto value_of = [&](const std::string& name) {
        const auto found = facts.rp_filter.find(name);
        return found == facts.rp_filter.end() ? 0 : found->second;
    };
    for (const Link& link : facts.host.links) {
        // The kernel takes the greater of conf.all and the interface's own value.
        const int all = value_of("all");
        const int own = value_of(link.name);
        if (std::max(all, own) != 1 || !is_interesting(facts, link)) {
            continue;
        }
        findings.push_back(
            {FindingCode::rp_filter_strict,
             Severity::warning,
             link.name,
             "net.ipv4.conf.all.rp_filter is " + std::to_string(all) + " and net.ipv4.conf." + link.name +
                 ".rp_filter " + std::to_string(own) +
                 ": packets of a second path are dropped where the answer would leave by another interface",
             "sysctl -w net.ipv4.conf." + link.name + ".rp_filter=2"});
    }
}

/// NetworkManager makes an endpoint only where a default route leaves, unless it is told otherwise.
void check_default_routes(const Facts& facts, Findings& findings) {
    for (const Profile& profile : facts.host.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            const Link* link = find_link(facts.host, activation.ifindex);
            const MptcpFlags flags = resolve(activation.live, *facts.host.network_manager);
            if (profile.skip_reason || link == nullptr || !makes_endpoints(flags) ||
                flags.has(MptcpFlag::also_without_default_route)) {
                continue;
            }
            const MptcpFlags wider = flags.with(MptcpFlag::also_without_default_route);
            const auto now = endpoints_by_network_manager(flags, *link, true);
            const auto then = endpoints_by_network_manager(wider, *link, true);
            if (now.size() == then.size()) {
                continue;
            }
            findings.push_back(
                {FindingCode::no_default_route,
                 Severity::warning,
                 link->name,
                 "no default route leaves by it, so NetworkManager makes no endpoint for " +
                     to_string(then.front().key.address) + " (profile " + profile.name + ", flags " +
                     to_string(flags) + ")",
                 "profiles:\n  - match: {uuid: " + profile.uuid + "}\n    mptcp-flags: [" +
                     to_string(wider.without(MptcpFlag::enabled)) + "]"});
        }
    }
}

} // namespace

Findings routes(const Facts& facts) {
    Findings findings;
    check_routes(facts, findings);
    check_subnets(facts, findings);
    check_rp_filter(facts, findings);
    if (facts.host.network_manager) {
        check_default_routes(facts, findings);
    }
    return findings;
}

} // namespace keeper::rules
