#include <algorithm>
#include <set>
#include <sstream>

#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// The subnet of one of the host's own addresses; "" where it is not known.
std::string subnet_of(const Facts& facts, const IpAddress& address) {
    const auto found = facts.subnets.find(address);
    return found == facts.subnets.end() ? "" : found->second;
}

void check_default_route(const Facts& facts, const RouteFact& route, Findings& findings) {
    const Place place = place_of(facts, route.endpoint.address);
    const bool is_v4 = route.endpoint.address.family() == Family::ipv4;
    const bool leads_anywhere = is_v4 ? facts.default_route_v4 : facts.default_route_v6;
    findings.push_back(
        {FindingCode::endpoint_no_route,
         leads_anywhere ? Severity::warning : Severity::info,
         to_string(route.endpoint),
         "no route leads from it by " + place.link->name + " to an address that is not on its own network (" +
             route.words + ")" +
             (leads_anywhere ? ": only peers on that network can be reached by this path"
                             : "; nothing else on this host leads there either"),
         add_route(facts, route.endpoint.address, "default")});
}

/// The peers of live connections, of the endpoint's family, none of whose addresses it has a route to; with
/// the kernel's refusal. `known` is whether there is any such peer at all.
struct PeersOfEndpoint {
    bool known = false;
    std::vector<const PeerRoute*> unreachable;
};

PeersOfEndpoint peers_of(const Facts& facts, const EndpointKey& endpoint) {
    PeersOfEndpoint result;
    for (const Connection& connection : facts.host.connections.or_empty()) {
        const PeerRoute* missing = nullptr;
        bool is_reached = false;
        for (const PeerRoute& route : facts.peer_routes) {
            const bool is_of_connection = std::any_of(
                connection.subflows.begin(),
                connection.subflows.end(),
                [&](const ConnectionSubflow& subflow) { return subflow.remote.address == route.peer; });
            if (route.endpoint == endpoint && is_of_connection) {
                is_reached = is_reached || route.found;
                missing = route.found ? missing : &route;
                result.known = true;
            }
        }
        if (missing != nullptr && !is_reached) {
            result.unreachable.push_back(missing);
        }
    }
    return result;
}

void check_routes(const Facts& facts, Findings& findings) {
    for (const RouteFact& route : facts.routes) {
        const Place place = place_of(facts, route.endpoint.address);
        if (place.link == nullptr || !place.link->up) {
            continue; // other rules say so
        }
        const PeersOfEndpoint peers = peers_of(facts, route.endpoint);
        if (!peers.known) {
            if (!route.found) {
                check_default_route(facts, route, findings);
            }
            continue;
        }
        if (peers.unreachable.empty()) {
            continue;
        }
        const PeerRoute& first = *peers.unreachable.front();
        findings.push_back(
            {FindingCode::endpoint_no_route,
             Severity::warning,
             to_string(route.endpoint),
             "no route leads from it by " + place.link->name + " to " + to_string(first.peer) +
                 ", with which this host has an MPTCP connection (" + first.refusal + ")" +
                 (peers.unreachable.size() > 1
                      ? ", nor to the peers of " + std::to_string(peers.unreachable.size() - 1) + " others"
                      : "") +
                 ": this path does not serve them",
             add_route(facts, route.endpoint.address, route.found ? to_string(first.peer) : "default")});
    }
}

/// rp_filter, arp_ignore and arp_announce: the greater of conf.all and the interface's own value counts
/// (ip-sysctl in the kernel's documentation).
int effective(const std::map<std::string, int>& values, const std::string& interface) {
    const auto value_of = [&](const std::string& name) {
        const auto found = values.find(name);
        return found == values.end() ? 0 : found->second;
    };
    return std::max(value_of("all"), value_of(interface));
}

/// Commands that set the values now and at each boot. With slashes, an interface's name may contain dots.
std::string keep_sysctls(const std::vector<std::string>& settings) {
    constexpr const char* file = "/etc/sysctl.d/90-multipath.conf";
    std::string lines;
    for (const std::string& setting : settings) {
        lines += " '" + setting + "'";
    }
    return "printf '%s\\n'" + lines + " >>" + file + " && sysctl -p " + file;
}

/// Whether each of them answers ARP requests for its own addresses alone.
bool answer_apart(const Facts& facts, const std::set<std::string>& interfaces) {
    return std::all_of(interfaces.begin(), interfaces.end(), [&](const std::string& name) {
        return effective(facts.arp_ignore, name) >= 1 && effective(facts.arp_announce, name) == 2;
    });
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
        const bool is_apart = answer_apart(facts, names) && subnet.find(':') == std::string::npos;
        findings.push_back(
            {FindingCode::same_subnet,
             is_apart ? Severity::info : Severity::warning,
             subnet,
             "endpoints on " + list +
                 (is_apart ? " share this subnet; each answers ARP for itself alone, as it must be there"
                           : " share this subnet: answers to ARP and packets of one can leave by the "
                             "other, so that both paths may be the same cable"),
             keep_sysctls({"net/ipv4/conf/all/arp_ignore = 1", "net/ipv4/conf/all/arp_announce = 2"}) +
                 "   # or give each interface a subnet of its own"});
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
    for (const Link& link : facts.host.links.or_empty()) {
        if (effective(facts.rp_filter, link.name) != 1 || !is_interesting(facts, link)) {
            continue;
        }
        const auto all = facts.rp_filter.find("all");
        const auto own = facts.rp_filter.find(link.name);
        const auto text_of = [&](const auto& found) {
            return std::to_string(found == facts.rp_filter.end() ? 0 : found->second);
        };
        findings.push_back(
            {FindingCode::rp_filter_strict,
             Severity::warning,
             link.name,
             "net.ipv4.conf.all.rp_filter is " + text_of(all) + " and net.ipv4.conf." + link.name +
                 ".rp_filter " + text_of(own) +
                 ": packets of a second path are dropped where the answer would leave by another interface",
             keep_sysctls({"net/ipv4/conf/" + link.name + "/rp_filter = 2"})});
    }
}

/// IPv6 has no such sysctl: firewalld and ip6tables look the way back up by a rule.
bool drops_by_reverse_path(const std::string& line) {
    const auto has = [&](const char* what) { return line.find(what) != std::string::npos; };
    const bool is_nft =
        has("fib saddr") && has(". iif") && has("missing") && has("drop") && !has("nfproto ipv4");
    const bool is_iptables = has("-m rpfilter") && has("--invert") && has("-j DROP") && !has("--loose");
    return is_nft || is_iptables;
}

void check_ipv6_reverse_path(const Facts& facts, Findings& findings) {
    std::set<std::string> links;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        const Place place = place_of(facts, endpoint.key.address);
        if (endpoint.key.address.family() == Family::ipv6 && place.link != nullptr) {
            links.insert(place.link->name);
        }
    }
    if (links.size() < 2) {
        return;
    }
    for (const Ruleset& ruleset : facts.rulesets) {
        std::istringstream lines(ruleset.tool == "iptables" ? "" : ruleset.text);
        for (std::string line; std::getline(lines, line);) {
            if (!drops_by_reverse_path(line)) {
                continue;
            }
            const bool is_firewalld = ruleset.text.find("table inet firewalld") != std::string::npos;
            findings.push_back(
                {FindingCode::rp_filter_strict,
                 Severity::warning,
                 "IPv6",
                 "a rule of " + ruleset.tool +
                     " drops packets whose answer would leave by another interface: " +
                     line.substr(std::min(line.find_first_not_of(" \t"), line.size())),
                 is_firewalld
                     ? "sed -i 's/^IPv6_rpfilter=.*/IPv6_rpfilter=no/' /etc/firewalld/firewalld.conf && "
                       "systemctl restart firewalld"
                     : "nft -a list ruleset | grep 'fib saddr'; ip6tables-save | grep rpfilter   # remove "
                       "that rule, or look the address up without the interface"});
            return;
        }
    }
}

/// `live` are the flags that the device runs with; those that are declared count more.
std::string serve_without_default_route(const Facts& facts, const Profile& profile, MptcpFlags live) {
    const ProfileRule* rule = rule_for_flags(facts, profile);
    const bool is_decided = rule != nullptr && rule->flags;
    const MptcpFlags base = is_decided ? *rule->flags : live;
    if (is_decided && (!makes_endpoints(base) || base.has(MptcpFlag::also_without_default_route))) {
        return is_stored_otherwise(facts, profile) ? "mptcp-keeper apply --only profiles"
                                                   : "nmcli connection up uuid " + profile.uuid;
    }
    if (rule != nullptr && !is_decided) {
        return "nmcli connection show uuid " + profile.uuid + "   # " + to_string(rule->source) +
               " leaves the profile as it is";
    }
    if (meets_an_entry(facts, profile, base.with(MptcpFlag::also_without_default_route))) {
        return propose_endpoints(facts, flags_for_role(facts));
    }
    return "profiles:\n  - match: {uuid: " + profile.uuid + "}\n    mptcp-flags: [" +
           to_string(base.with(MptcpFlag::also_without_default_route).without(MptcpFlag::enabled)) + "]";
}

/// NetworkManager makes an endpoint only where a default route leaves, unless it is told otherwise.
void check_default_routes(const Facts& facts, Findings& findings) {
    for (const Profile& profile : facts.host.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            const Link* link = find_link(facts.host, activation.ifindex);
            const MptcpFlags flags = resolve(activation.live, activation, *facts.host.network_manager);
            if (profile.skip_reason || link == nullptr || !makes_endpoints(flags) ||
                flags.has(MptcpFlag::also_without_default_route)) {
                continue;
            }
            const MptcpFlags wider = flags.with(MptcpFlag::also_without_default_route);
            const auto now = endpoints_by_network_manager(flags, *link, true);
            const auto then = endpoints_by_network_manager(wider, *link, true);
            const auto is_by_entry = [&](const Endpoint& endpoint) {
                return find_in(now, endpoint.key) != nullptr || is_declared_present(facts, endpoint.key);
            };
            if (std::all_of(then.begin(), then.end(), is_by_entry)) {
                continue;
            }
            findings.push_back(
                {FindingCode::no_default_route,
                 Severity::warning,
                 link->name,
                 "no default route leaves by it, so NetworkManager makes no endpoint for " +
                     to_string(std::find_if_not(then.begin(), then.end(), is_by_entry)->key.address) +
                     " (profile " + profile.name + ", flags " + to_string(flags) + ")",
                 serve_without_default_route(facts, profile, flags)});
        }
    }
}

} // namespace

Findings routes(const Facts& facts) {
    Findings findings;
    check_routes(facts, findings);
    check_subnets(facts, findings);
    check_rp_filter(facts, findings);
    check_ipv6_reverse_path(facts, findings);
    if (facts.host.network_manager) {
        check_default_routes(facts, findings);
    }
    return findings;
}

} // namespace keeper::rules
