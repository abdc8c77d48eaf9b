// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>

#include "base/text/join.hpp"
#include "doctor/declaration.hpp"
#include "doctor/fixes.hpp"
#include "doctor/link_kind.hpp"
#include "doctor/rules/rules.hpp"
#include "plan/network_manager_endpoints.hpp"
#include "plan/profile_match.hpp"

/// Tunnels as paths. If the outer connection of a tunnel uses MPTCP itself, a subflow from the tunnel's
/// address makes it run through itself.
namespace keeper::rules {

namespace {

const Link* link_of(const Facts& facts, const Endpoint& endpoint) {
    const Link* link = find_link(facts.host, endpoint.ifindex);
    return link != nullptr ? link : find_address(facts, endpoint.key.address).link;
}

bool is_on_tunnel(const Facts& facts, const Endpoint& endpoint) {
    const Link* link = link_of(facts, endpoint);
    return link != nullptr && kind_of(facts, *link) == LinkKind::tunnel;
}

/// Whether an entry or a rule declares this address as a path.
bool is_declared_path(const Facts& facts, const Endpoint& endpoint) {
    if (!facts.desired) {
        return false;
    }
    const ManagedLink managed = managed_link(facts, link_of(facts, endpoint)->ifindex);
    return is_declared(facts, endpoint) ||
           (managed.profile != nullptr &&
            deciding_rule(facts.desired->profiles, *managed.profile) != nullptr);
}

/// Programs with MPTCP sockets that may carry a tunnel over TCP; "" if there are none.
std::string carriers(const Facts& facts) {
    constexpr std::array<std::string_view, 12> names{
        "openvpn",
        "openconnect",
        "sstpc",
        "tincd",
        "stunnel",
        "stunnel4",
        "glorytun",
        "glorytun-tcp",
        "ss-redir",
        "ss-local",
        "sing-box",
        "xray"};
    std::vector<std::string> found;
    for (const Program& program : facts.programs) {
        const bool is_one = std::find(names.begin(), names.end(), program.name) != names.end();
        if (is_one && program.same_network && program.mptcp_sockets > 0) {
            found.push_back(describe_process(program.name, program.pid));
        }
    }
    return joined(found, ", ");
}

/// The device of a VPN plugin runs a generated profile; the flags are those of the profile of type vpn.
bool comes_from_vpn_plugin(const Facts& facts) {
    if (!facts.host.network_manager || ignores_vpn_plugins(facts.host.network_manager->version)) {
        return false;
    }
    const std::vector<Profile>& all = facts.host.network_manager->profiles;
    return std::any_of(all.begin(), all.end(), [&](const Profile& profile) {
        return profile.type == "vpn" && !profile.stored.has(MptcpFlag::disabled) &&
               (!facts.desired || deciding_rule(facts.desired->profiles, profile) == nullptr);
    });
}

std::string exclude_tunnel(const Facts& facts, const Endpoint& endpoint) {
    constexpr std::array<std::string_view, 3> types{"wireguard", "tun", "ip-tunnel"};
    const ManagedLink managed = managed_link(facts, link_of(facts, endpoint)->ifindex);
    if (managed.profile != nullptr && belongs_to_network_manager(facts, endpoint)) {
        const auto is_of_type = [&](const Profile& profile) {
            return std::find(types.begin(), types.end(), profile.type) != types.end();
        };
        // A rule for the types would override the declared rules for other tunnels.
        const std::vector<Profile>& all = facts.host.network_manager->profiles;
        const bool is_usual =
            is_of_type(*managed.profile) && std::none_of(all.begin(), all.end(), [&](const Profile& profile) {
                return is_of_type(profile) && facts.desired &&
                       deciding_rule(facts.desired->profiles, profile) != nullptr;
            });
        return "profiles:\n  - match: {" +
               (is_usual ? std::string("type: [wireguard, tun, ip-tunnel]")
                         : "uuid: " + managed.profile->uuid) +
               "}\n    mptcp-flags: disabled";
    }
    if (managed.profile == nullptr && comes_from_vpn_plugin(facts)) {
        return "profiles:\n  - match: {type: vpn}   # from the next activation of the VPN on\n    mptcp-flags: disabled";
    }
    Proposal proposal(facts);
    proposal.remove(endpoint);
    return proposal.yaml();
}

} // namespace

Findings tunnels(const Facts& facts) {
    Findings findings;
    const std::vector<Endpoint> all = configured_endpoints(facts);
    const auto is_other_path = [&](const Endpoint& endpoint) {
        return endpoint.flags.has(EndpointFlag::subflow) && !is_on_tunnel(facts, endpoint);
    };
    if (std::none_of(all.begin(), all.end(), is_other_path)) {
        return findings; // the tunnels are the only paths
    }
    for (const Endpoint& endpoint : all) {
        if (!endpoint.flags.has(EndpointFlag::subflow) || !is_on_tunnel(facts, endpoint) ||
            is_declared_path(facts, endpoint)) {
            continue;
        }
        const std::string programs = carriers(facts);
        findings.push_back(
            {.code = FindingCode::tunnel_as_path,
             .severity = programs.empty() ? Severity::info : Severity::warning,
             .subject = link_of(facts, endpoint)->name,
             .evidence =
                 *describe_kind(facts, *link_of(facts, endpoint)) +
                 "; connections that carry the tunnel must not use it as a path, but endpoint " +
                 to_string(endpoint.key) + " allows this for every connection" +
                 (programs.empty() ? "" : "; programs with MPTCP sockets that may carry it: " + programs),
             .fix = exclude_tunnel(facts, endpoint)});
    }
    return findings;
}

} // namespace keeper::rules
