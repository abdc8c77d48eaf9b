// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/link_kind.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace keeper::rules {

namespace {

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// rtnl_link_ops.kind of the drivers in drivers/net, net/ipv4, net/ipv6 and net/xfrm.
constexpr std::array<std::string_view, 26> tunnels{
    "wireguard", "tun",       "ipip", "sit",  "gre",  "gretap",  "erspan", "ip6tnl",   "ip6gre",
    "ip6gretap", "ip6erspan", "vti",  "vti6", "xfrm", "vxlan",   "geneve", "bareudp",  "gtp",
    "ovpn",      "ovpn-dco",  "amt",  "pfcp", "l2tp", "l2tpeth", "batadv", "amneziawg"};
constexpr std::array<std::string_view, 2> bridges{"bridge", "openvswitch"};
constexpr std::array<std::string_view, 2> veths{"veth", "netkit"};
constexpr std::array<std::string_view, 13> internals{
    "dummy",
    "vrf",
    "macvtap",
    "ipvtap",
    "ifb",
    "nlmon",
    "vsockmon",
    "vcan",
    "vxcan",
    "can",
    "lowpan",
    "netdevsim",
    "virt_wifi"};

LinkDriver driver_of(const Facts& facts, const Link& link) {
    const auto found = facts.link_drivers.find(link.ifindex);
    return found == facts.link_drivers.end() ? LinkDriver{} : found->second;
}

/// Interfaces of VirtualBox and VMware, whose drivers do not set a kind.
bool is_host_only_network(const Link& link) {
    return link.name.starts_with("vboxnet") || link.name.starts_with("vmnet");
}

LinkKind own_kind(const Facts& facts, const Link& link) {
    const std::string kind = driver_of(facts, link).kind;
    if (contains(tunnels, kind)) {
        return LinkKind::tunnel;
    }
    if (contains(bridges, kind)) {
        return LinkKind::bridge;
    }
    if (contains(veths, kind)) {
        return LinkKind::veth;
    }
    return contains(internals, kind) || (kind.empty() && is_host_only_network(link)) || link.name == "lo"
               ? LinkKind::internal
               : LinkKind::ordinary;
}

/// The interface below a VLAN or macvlan, otherwise the link itself.
const Link& underlying_link(const Facts& facts, const Link& link) {
    const Link* one = &link;
    // The kernel nests at most 8 (MAX_NEST_DEV), which also ends a loop of two that refer to each other.
    for (int depth = 0; depth < 8 && own_kind(facts, *one) == LinkKind::ordinary; ++depth) {
        const Link* lower = find_link(facts.host, driver_of(facts, *one).lower);
        if (lower == nullptr) {
            break;
        }
        one = lower;
    }
    return *one;
}

std::string_view noun(LinkKind kind) {
    switch (kind) {
    case LinkKind::tunnel:
        return "a tunnel";
    case LinkKind::bridge:
        return "a bridge";
    case LinkKind::veth:
        return "a container's interface";
    case LinkKind::internal:
        return "internal to this host";
    case LinkKind::ordinary:
        return "a network interface";
    }
    return "";
}

} // namespace

LinkKind kind_of(const Facts& facts, const Link& link) {
    return own_kind(facts, underlying_link(facts, link));
}

std::optional<std::string> describe_kind(const Facts& facts, const Link& link) {
    const Link& deciding = underlying_link(facts, link);
    const LinkKind kind = own_kind(facts, deciding);
    if (kind == LinkKind::ordinary) {
        return std::nullopt;
    }
    const std::string driver = driver_of(facts, deciding).kind;
    const bool is_worth_naming = !driver.empty() && kind != LinkKind::bridge;
    return link.name + (&deciding == &link ? " is " : " is on " + deciding.name + ", ") +
           std::string(noun(kind)) + (is_worth_naming ? " (" + driver + ")" : "");
}

bool has_container_name(const Link& link) {
    constexpr std::array<std::string_view, 17> prefixes{
        "docker",
        "podman",
        "veth",
        "virbr",
        "vnet",
        "lxcbr",
        "lxdbr",
        "incusbr",
        "lxc",
        "br-",
        "cni",
        "cali",
        "flannel",
        "cilium",
        "kube-",
        "nerdctl",
        "tap"};
    return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
        return link.name.starts_with(prefix);
    });
}

} // namespace keeper::rules
