// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "base/text/join.hpp"
#include "base/text/lines.hpp"
#include "base/text/shell_word.hpp"
#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/managed_devices.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// The subnet of one of the host's own addresses; "" if unknown.
std::string subnet_of(const Facts& facts, const IpAddress& address) {
    const auto found = facts.subnets.find(address);
    return found == facts.subnets.end() ? "" : found->second;
}

void check_default_route(const Facts& facts, const RouteFact& route, Findings& findings) {
    const AddressOnLink local = find_address(facts, route.endpoint.address);
    const bool is_v4 = route.endpoint.address.family() == Family::ipv4;
    const bool leads_anywhere = is_v4 ? facts.default_route_v4 : facts.default_route_v6;
    findings.push_back(
        {.code = FindingCode::endpoint_no_route,
         .severity = leads_anywhere ? Severity::warning : Severity::info,
         .subject = to_string(route.endpoint),
         .evidence = "it has no route through " + local.link->name + " beyond its own subnet (" +
                     route.refusal + ")" +
                     (leads_anywhere ? ": only peers on that subnet can be reached over this path"
                                     : "; no other interface of this host has one either"),
         .fix = add_route(facts, route.endpoint.address, "default")});
}

/// The live peers of the endpoint's family that it has no route to, with the kernel's message.
struct PeersOfEndpoint {
    bool known = false; ///< there is a live peer of that family
    std::vector<const PeerRoute*> unreachable;
};

PeersOfEndpoint peers_of(const Facts& facts, const SocketAddress& endpoint) {
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
        const AddressOnLink local = find_address(facts, route.endpoint.address);
        if (local.link == nullptr || !local.link->up) {
            continue; // covered by other rules
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
            {.code = FindingCode::endpoint_no_route,
             .severity = Severity::warning,
             .subject = to_string(route.endpoint),
             .evidence = "it has no route through " + local.link->name + " to " + to_string(first.peer) +
                         ", the peer of a live MPTCP connection (" + first.refusal + ")" +
                         (peers.unreachable.size() > 1 ? ", nor to the peers of other connections (" +
                                                             std::to_string(peers.unreachable.size() - 1) +
                                                             "): these connections cannot use this path"
                                                       : ": this connection cannot use this path"),
             .fix =
                 add_route(facts, route.endpoint.address, route.found ? to_string(first.peer) : "default")});
    }
}

/// For rp_filter, arp_ignore and arp_announce the maximum of conf.all and the interface's own value applies
/// (ip-sysctl in the kernel's documentation).
int effective_value(const std::map<std::string, int>& values, const std::string& interface) {
    const auto value_of = [&](const std::string& name) {
        const auto found = values.find(name);
        return found == values.end() ? 0 : found->second;
    };
    return std::max(value_of("all"), value_of(interface));
}

/// A command that sets the values now and at each boot. The slashes allow interface names with dots.
std::string set_sysctls_permanently(const std::vector<std::string>& settings) {
    constexpr const char* file = "/etc/sysctl.d/90-multipath.conf";
    std::string lines;
    for (const std::string& setting : settings) {
        lines += " " + shell_quoted(setting);
    }
    return "printf '%s\\n'" + lines + " >>" + file + " && sysctl -p " + file;
}

/// Whether each interface answers ARP requests for its own addresses only.
bool answer_arp_separately(const Facts& facts, const std::set<std::string>& interfaces) {
    return std::all_of(interfaces.begin(), interfaces.end(), [&](const std::string& name) {
        return effective_value(facts.arp_ignore, name) >= 1 && effective_value(facts.arp_announce, name) == 2;
    });
}

void check_subnets(const Facts& facts, Findings& findings) {
    std::map<std::string, std::set<std::string>> links;
    for (const Endpoint& endpoint : configured_endpoints(facts)) {
        const AddressOnLink local = find_address(facts, endpoint.key.address);
        const std::string subnet = subnet_of(facts, endpoint.key.address);
        if (local.link != nullptr && !subnet.empty()) {
            links[subnet].insert(local.link->name);
        }
    }
    for (const auto& [subnet, names] : links) {
        if (names.size() < 2) {
            continue;
        }
        const std::string list = joined({names.begin(), names.end()}, ", ");
        const bool is_separate = answer_arp_separately(facts, names) && subnet.find(':') == std::string::npos;
        findings.push_back(
            {.code = FindingCode::same_subnet,
             .severity = is_separate ? Severity::info : Severity::warning,
             .subject = subnet,
             .evidence =
                 "endpoints on " + list +
                 (is_separate ? " share this subnet; each answers ARP only for its own addresses, as required"
                              : " share this subnet: ARP replies and packets of one can leave through the "
                                "other, so both paths may use the same cable"),
             .fix = set_sysctls_permanently(
                        {"net/ipv4/conf/all/arp_ignore = 1", "net/ipv4/conf/all/arp_announce = 2"}) +
                    "   # or put each interface into its own subnet"});
    }
}

bool has_ipv4_endpoint(const Facts& facts, const Link& link) {
    const std::vector<Endpoint> all = configured_endpoints(facts);
    return std::any_of(all.begin(), all.end(), [&](const Endpoint& endpoint) {
        const AddressOnLink local = find_address(facts, endpoint.key.address);
        return endpoint.key.address.family() == Family::ipv4 && local.link == &link;
    });
}

void check_rp_filter(const Facts& facts, Findings& findings) {
    for (const Link& link : facts.host.links.or_empty()) {
        if (effective_value(facts.rp_filter, link.name) != 1 || !has_ipv4_endpoint(facts, link)) {
            continue;
        }
        const auto all = facts.rp_filter.find("all");
        const auto own = facts.rp_filter.find(link.name);
        const auto text_of = [&](const auto& found) {
            return std::to_string(found == facts.rp_filter.end() ? 0 : found->second);
        };
        findings.push_back(
            {.code = FindingCode::rp_filter_strict,
             .severity = Severity::warning,
             .subject = link.name,
             .evidence =
                 "net.ipv4.conf.all.rp_filter is " + text_of(all) + " and net.ipv4.conf." + link.name +
                 ".rp_filter is " + text_of(own) +
                 ": packets of a second path are dropped if the reply would leave through another interface",
             .fix = set_sysctls_permanently({"net/ipv4/conf/" + link.name + "/rp_filter = 2"})});
    }
}

/// IPv6 has no such sysctl: firewalld and ip6tables check the reverse path by a rule.
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
        const AddressOnLink local = find_address(facts, endpoint.key.address);
        if (endpoint.key.address.family() == Family::ipv6 && local.link != nullptr) {
            links.insert(local.link->name);
        }
    }
    if (links.size() < 2) {
        return;
    }
    for (const Ruleset& ruleset : facts.rulesets) {
        std::string_view rest = ruleset.tool == "iptables" ? std::string_view() : ruleset.text;
        while (!rest.empty()) {
            const std::string line(trimmed(take_line(rest)));
            if (!drops_by_reverse_path(line)) {
                continue;
            }
            const bool is_firewalld = ruleset.text.find("table inet firewalld") != std::string::npos;
            findings.push_back(
                {.code = FindingCode::rp_filter_strict,
                 .severity = Severity::warning,
                 .subject = "IPv6",
                 .evidence = "a rule of " + ruleset.tool +
                             " drops packets whose reply would leave through another interface: " + line,
                 .fix = is_firewalld ? "sed -i 's/^IPv6_rpfilter=.*/IPv6_rpfilter=no/' "
                                       "/etc/firewalld/firewalld.conf && systemctl restart firewalld"
                                     : "nft -a list ruleset | grep 'fib saddr'; ip6tables-save | grep "
                                       "rpfilter   # remove that rule, or make it ignore the interface"});
            return;
        }
    }
}

/// `live`: the flags that the device runs with. Declared flags take precedence.
std::string declare_without_default_route(const Facts& facts, const Profile& profile, MptcpFlags live) {
    const ProfileRule* rule = rule_for_flags(facts, profile);
    const bool is_decided = rule != nullptr && rule->flags;
    const MptcpFlags base = is_decided ? *rule->flags : live;
    if (is_decided && (!makes_endpoints(base) || base.has(MptcpFlag::also_without_default_route))) {
        return has_drifted(facts, profile) ? "mptcp-keeper apply --only profiles"
                                           : "nmcli connection up uuid " + profile.uuid;
    }
    if (rule != nullptr && !is_decided) {
        return "nmcli connection show uuid " + profile.uuid + "   # " + to_string(rule->source) +
               " leaves the profile untouched";
    }
    if (conflicts_with_entry(facts, profile, base.with(MptcpFlag::also_without_default_route))) {
        return propose_endpoints(facts, flags_for_role(facts));
    }
    return "profiles:\n  - match: {uuid: " + profile.uuid + "}\n    mptcp-flags: [" +
           to_string(base.with(MptcpFlag::also_without_default_route).without(MptcpFlag::enabled)) + "]";
}

/// By default NetworkManager creates endpoints only on interfaces with a default route.
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
                {.code = FindingCode::no_default_route,
                 .severity = Severity::warning,
                 .subject = link->name,
                 .evidence = "it has no default route, so NetworkManager creates no endpoint for " +
                             to_string(std::find_if_not(then.begin(), then.end(), is_by_entry)->key.address) +
                             " (profile " + profile.name + ", flags " + to_string(flags) + ")",
                 .fix = declare_without_default_route(facts, profile, flags)});
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
