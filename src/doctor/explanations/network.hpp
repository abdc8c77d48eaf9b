// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "doctor/explanation.hpp"

/// Findings about routes, links and NetworkManager.
namespace keeper::explanations {

inline constexpr std::array network{
    Explanation{
        .code = FindingCode::endpoint_no_route,
        .meaning =
            "Packets from an endpoint's address have no route through its interface, so its subflows fail.",
        .detection = "The kernel's answer to a route lookup from the endpoint's address to the peers of live "
                     "connections; without any, to an address on the Internet. A warning; info if no other "
                     "interface has such a route either.",
        .fix = "Add a route or a default route with a higher metric. On a device of NetworkManager the "
               "profile gets the route. GATEWAY is the next hop on that interface's network.",
        .example = R"(
warning
  ENDPOINT_NO_ROUTE  198.51.100.1
      it has no route through eth1 beyond its own subnet (Network is
      unreachable): only peers on that subnet can be reached over this path
    > ip route add default via GATEWAY dev eth1 metric 200   # until the
      next boot; or in its own table: ip rule add from 198.51.100.1 lookup
      100
)"},
    Explanation{
        .code = FindingCode::no_default_route,
        .meaning =
            "NetworkManager creates no endpoint for an address because its interface has no default route.",
        .detection = "An active profile requests endpoints without also-without-default-route, and the "
                     "interface has no default route of that family. Always a warning.",
        .fix =
            "Declare the profile's flags with also-without-default-route, or give the interface a default route.",
        .example = R"(
warning
  NO_DEFAULT_ROUTE  eth0
      it has no default route, so NetworkManager creates no endpoint for
      192.0.2.1 (profile wan, flags subflow)
    > profiles:
    >   - match: {uuid: 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c11}
    >     mptcp-flags: [also-without-default-route,subflow]
)"},
    Explanation{
        .code = FindingCode::same_subnet,
        .meaning = "Two interfaces with endpoints share a subnet. Linux answers ARP for all its addresses on "
                   "either of them, so both paths may use the same cable.",
        .detection =
            "Endpoints on different interfaces have addresses in the same subnet. A warning; info if "
            "arp_ignore and arp_announce make each interface answer only for its own addresses.",
        .fix = "Set arp_ignore to 1 and arp_announce to 2 with the proposed command, or put each "
               "interface into its own subnet.",
        .example = R"(
warning
  SAME_SUBNET  192.0.2.0/24
      endpoints on eth0, eth1 share this subnet: ARP replies and packets of
      one can leave through the other, so both paths may use the same cable
    > printf '%s\n' 'net/ipv4/conf/all/arp_ignore = 1'
      'net/ipv4/conf/all/arp_announce = 2' >>/etc/sysctl.d/90-multipath.conf
      && sysctl -p /etc/sysctl.d/90-multipath.conf   # or put each interface
      into its own subnet
)"},
    Explanation{
        .code = FindingCode::rp_filter_strict,
        .meaning = "Strict reverse path filtering drops packets of a second path if the kernel would send "
                   "the reply through another interface. The second subflow then fails or stalls.",
        .detection =
            "For IPv4, the maximum of net.ipv4.conf.all.rp_filter and the interface's own value is 1 "
            "on an interface with an endpoint. For IPv6, a rule of nftables or ip6tables checks the "
            "reverse path. Always a warning.",
        .fix = "Set rp_filter to 2 (loose) for the interface. For IPv6, set `IPv6_rpfilter=no` in "
               "firewalld, or change the rule.",
        .example = R"(
warning
  RP_FILTER_STRICT  eth1
      net.ipv4.conf.all.rp_filter is 1 and net.ipv4.conf.eth1.rp_filter is
      0: packets of a second path are dropped if the reply would leave
      through another interface
    > printf '%s\n' 'net/ipv4/conf/eth1/rp_filter = 2'
      >>/etc/sysctl.d/90-multipath.conf && sysctl -p
      /etc/sysctl.d/90-multipath.conf
)"},
    Explanation{
        .code = FindingCode::link_down,
        .meaning = "The interface of an endpoint is down or has no carrier. The endpoint provides no path "
                   "but remains in the kernel's table.",
        .detection = "The state of the interface. Always a warning.",
        .fix = "Bring the interface up with the proposed command, or check the cable.",
        .example = R"(
warning
  LINK_DOWN  eth1
      it has no carrier: endpoint 198.51.100.1 provides no path but remains
      in the kernel's table
    > ethtool eth1   # is the cable plugged in?
)"},
    Explanation{
        .code = FindingCode::nm_too_old,
        .meaning =
            "NetworkManager does not support MPTCP flags in profiles (before 1.40), or not all of the declared ones.",
        .detection = "The version of the running NetworkManager is compared with the declared flags. A "
                     "warning; info if it lacks MPTCP flags but other programs have added endpoints.",
        .fix = "Without MPTCP flags, declare endpoints instead of profiles. Otherwise remove the "
               "unsupported flag from the rule, or upgrade NetworkManager.",
        .example = R"(
warning
  NM_TOO_OLD  NetworkManager 1.36.0
      it does not support connection.mptcp-flags, which 1.40 introduced: it
      creates no endpoints
    > endpoints:
    >   - {address: "192.0.2.1", interface: eth0, flags: [subflow, laminar]}
    >   - {address: "198.51.100.1", interface: eth1, flags: [subflow,
        laminar]}
)"},
    Explanation{
        .code = FindingCode::nm_flags_not_live,
        .meaning = "A profile has other MPTCP flags stored than its device runs with. The stored ones apply "
                   "from the next activation on.",
        .detection =
            "The stored profile is compared with the applied connection of the device. Always a warning.",
        .fix = "Activate the profile again, which interrupts its connections, or apply the configuration.",
        .example = R"(
warning
  NM_FLAGS_NOT_LIVE  eth0
      profile wan is stored with mptcp-flags
      also-without-default-route,subflow, but the device runs with disabled
    > nmcli connection up uuid 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c11
)"},
    Explanation{
        .code = FindingCode::nm_conf_default,
        .meaning = "NetworkManager.conf sets a default for connection.mptcp-flags. Profiles without flags of "
                   "their own use it, and it may disable MPTCP for them.",
        .detection = "The default differs from NetworkManager's built-in one, for all devices ([connection]) "
                     "or for some (match-device). A warning if profiles without flags of their own get no "
                     "endpoints because of it, otherwise info.",
        .fix = "Declare flags for these profiles, or change the section of NetworkManager.conf that "
               "`NetworkManager --print-config` shows.",
        .example = R"(
warning
  NM_CONF_DEFAULT  NetworkManager.conf
      its [connection] section sets connection.mptcp-flags to disabled for
      all profiles without flags of their own: NetworkManager creates no
      endpoints for those
    > profiles:   # or change that line: NetworkManager --print-config |
      grep mptcp-flags
    >   - match: {name: "*"}
    >     mptcp-flags: [subflow]
)"},
    Explanation{
        .code = FindingCode::nm_makes_no_endpoint,
        .meaning = "Active profiles request endpoints, but NetworkManager has created none of them.",
        .detection = "None of the endpoints that follow from the flags, addresses and routes of active "
                     "profiles exists, although net.mptcp.enabled is 1. The cause is another program that "
                     "removed them, MPTCP that was enabled after the activation, or a sandbox of "
                     "NetworkManager that hides the sysctl. Always a warning.",
        .fix =
            "Activate the profiles again. If the sandbox hides the sysctl, add also-without-sysctl to the flags.",
        .example = R"(
warning
  NM_MAKES_NO_ENDPOINT  NetworkManager 1.42.4
      none of the endpoints that active profiles require exists, although
      net.mptcp.enabled is 1 and the addresses are usable: 192.0.2.1
      (profile wan); either another program removed them (ip mptcp endpoint
      flush), or net.mptcp.enabled was 0 when NetworkManager activated the
      profiles, the only time it reads the sysctl
    > nmcli connection up uuid 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c11
)"}};

} // namespace keeper::explanations
