// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "doctor/explanation.hpp"

/// Findings about endpoints.
namespace keeper::explanations {

inline constexpr std::array endpoints{
    Explanation{
        .code = FindingCode::no_endpoint,
        .meaning = "The path manager has no endpoints. This host neither announces addresses nor opens "
                   "second paths; only the peer can add subflows.",
        .detection = "The endpoint table is empty. The evidence names the role of this host (it opens "
                     "connections, accepts them, or both), and interfaces that are not proposed because they "
                     "cannot be paths. Always a warning.",
        .fix = "Paste the proposal and apply. It declares rules for NetworkManager's profiles where "
               "possible, and endpoints otherwise: with the flag subflow on a host that opens "
               "connections, with signal on one that only accepts them.",
        .example = R"(
warning
  NO_ENDPOINT  endpoints
      the path manager has no endpoints: this host announces no address and
      opens no second path; this host opens connections (MPCapableSYNRX 0,
      MPCapableSYNTX 1)
    > endpoints:
    >   - {address: "192.0.2.1", interface: eth0, flags: [subflow, laminar]}
    >   - {address: "198.51.100.1", interface: eth1, flags: [subflow,
        laminar]}
)"},
    Explanation{
        .code = FindingCode::endpoint_address_missing,
        .meaning =
            "An endpoint, or a declared one, has an address that no interface has. No subflow can start from it.",
        .detection =
            "The address is on none of the host's interfaces. An error for an endpoint in the kernel; "
            "a warning if it is declared but deferred; info if it is only announced (signal, without "
            "interface and port), since it may be the host's public address behind NAT.",
        .fix = "Add the address to an interface, or remove the endpoint. The kernel tries such an "
               "endpoint once per connection and does not retry, so re-add the endpoint once the address "
               "is back; the daemon does this for declared endpoints.",
        .example = R"(
error
  ENDPOINT_ADDRESS_MISSING  198.51.100.1
      no interface has this address: the kernel tries it once per connection
      (MPJoinSynTxBindErr) and does not retry
    > ip mptcp endpoint delete id 2   # or: ip address add
      198.51.100.1/LENGTH dev eth1
)"},
    Explanation{
        .code = FindingCode::endpoint_address_tentative,
        .meaning = "The IPv6 address of an endpoint is not usable yet, or never will be because another host "
                   "has the same address.",
        .detection = "The address is tentative (duplicate address detection is still running) or has failed "
                     "duplicate address detection. Always a warning.",
        .fix = "Wait until the detection has finished, then re-add the endpoint with the proposed "
               "command. For a duplicate, give the interface another address.",
        .example = R"(
warning
  ENDPOINT_ADDRESS_TENTATIVE  198.51.100.1
      on eth1: duplicate address detection is still running; the kernel
      tries an unusable endpoint once and does not retry
    > while ip -6 address show dev eth1 tentative | grep -q '
      198.51.100.1/'; do sleep 1; done; ip mptcp endpoint delete id 2 && ip
      mptcp endpoint add 198.51.100.1 dev eth1 subflow
)"},
    Explanation{
        .code = FindingCode::endpoint_no_device,
        .meaning = "An endpoint is bound to the wrong interface or to none. Subflows fail, or leave through "
                   "an interface other than the one with the address.",
        .detection =
            "The endpoint's interface no longer exists or does not have the address: an error. A "
            "subflow endpoint without an interface, on a device that NetworkManager does not manage: a warning.",
        .fix =
            "Re-add the endpoint with the interface that has its address, by the proposed command or declaration.",
        .example = R"(
error
  ENDPOINT_NO_DEVICE  198.51.100.1
      its interface (index 9) no longer exists: it cannot open subflows
    > ip mptcp endpoint delete id 2 && ip mptcp endpoint add 198.51.100.1
      dev eth1 subflow
)"},
    Explanation{
        .code = FindingCode::endpoint_table_full,
        .meaning = "The kernel's endpoint table is full, or may be: many kernels have room for 8 endpoints. "
                   "Further addresses are refused, among them those of NetworkManager.",
        .detection =
            "The table has exactly 8 endpoints, or 255 as newer kernels allow. The evidence shows who "
            "owns them. Always a warning.",
        .fix = "Delete endpoints that provide no path. The proposal names these first; otherwise the "
               "last one that is neither declared nor NetworkManager's.",
        .example = R"(
warning
  ENDPOINT_TABLE_FULL  endpoints
      there are 8 endpoints, and many kernels have room for only 8: further
      addresses are refused (NetworkManager's: 0, declared: 0, others
      without a path: 0)
    > ip mptcp endpoint delete id 2   # 198.51.100.1, or another endpoint
      that no path needs: ip mptcp endpoint show
)"},
    Explanation{
        .code = FindingCode::endpoint_useless,
        .meaning = "An endpoint uses up room in the kernel's table without providing a path.",
        .detection =
            "It has neither signal nor subflow (nor fullmesh or laminar), so the kernel ignores it: a "
            "warning. Its address is on a bridge, a container's interface or the like, which other "
            "hosts can hardly reach: info.",
        .fix = "Give it flags, or delete it. The proposal depends on whether its address can be a path "
               "and on the role of this host.",
        .example = R"(
warning
  ENDPOINT_USELESS  192.0.2.1
      it has no flags, neither signal nor subflow: the kernel does not
      announce the address and opens no subflow from it
    > endpoints:
    >   - {address: "192.0.2.1", interface: eth0, flags: [subflow, laminar]}
)"},
    Explanation{
        .code = FindingCode::endpoint_wrong_role,
        .meaning = "The flags of an endpoint suit the other end of a connection. The side that opens "
                   "connections uses subflow, the side that accepts them signal.",
        .detection =
            "This host accepts connections and an endpoint has the flag subflow: its attempts fail, "
            "count towards the limit and keep the address from being announced. A warning together "
            "with signal, otherwise info. Or this host opens connections and an endpoint has the flag "
            "signal: a warning if that reveals a private address or no second path starts there, "
            "otherwise info. The role follows from live connections, or else from the counters "
            "MPCapableSYNTX and MPCapableSYNRX.",
        .fix =
            "Declare the proposed flags. A host that both opens and accepts connections gets no such finding.",
        .example = R"(
warning
  ENDPOINT_WRONG_ROLE  192.0.2.1
      this host accepts connections (MPCapableSYNRX 2, MPCapableSYNTX 0),
      but the flag subflow makes it open subflows to its peers, where no
      program listens: they fail, count towards limits.subflows, and keep
      the address from being announced
    > endpoints:
    >   - {address: "192.0.2.1", interface: eth0, flags: [signal]}
)"},
    Explanation{
        .code = FindingCode::family_mismatch,
        .meaning =
            "Endpoints of one address family cannot give connections of the other family a second path.",
        .detection = "One subflow endpoint is IPv4 and one IPv6, or a live connection is of a family without "
                     "subflow endpoints. Always a warning.",
        .fix = "Declare endpoints of the same family on the second interface.",
        .example = R"(
warning
  FAMILY_MISMATCH  endpoints
      one subflow endpoint is IPv4 and the other IPv6: a connection keeps to
      its address family, so neither provides a second path for the other
    > endpoints:
    >   - {address: ADDRESS, interface: INTERFACE, flags: [subflow]}
)"},
    Explanation{
        .code = FindingCode::initial_address_closed,
        .meaning = "Peers must not open subflows to the address that they connected to, and this host "
                   "announces no other address. Connections that it accepts cannot get a second path.",
        .detection =
            "net.mptcp.allow_join_initial_addr_port is 0 and no endpoint has the flag signal. Info on "
            "a host that only opens connections, otherwise a warning.",
        .fix = "Behind a load balancer, announce an address and port of this host's own with a signal "
               "endpoint. Without one, set allow_join_initial_addr_port to true.",
        .example = R"(
warning
  INITIAL_ADDRESS_CLOSED  net.mptcp.allow_join_initial_addr_port
      the value is 0: peers must not open subflows to the address that they
      connected to, and no endpoint announces another: a connection that
      this host accepts cannot get a second path
    > endpoints:   # or, without a load balancer in front: sysctl:
      {allow_join_initial_addr_port: true}
    >   - {address: "192.0.2.1", port: 4321, interface: eth0, flags:
        [signal]}
)"},
    Explanation{
        .code = FindingCode::peer_address_closed,
        .meaning = "The peer of a connection does not accept subflows to its initial address, so this host "
                   "opens none although an endpoint is ready.",
        .detection =
            "A connection opened by this host has a single subflow, an endpoint is idle, the limit "
            "allows more, and no subflow was attempted (MPJoinSynTx 0). A warning if this host is not "
            "configured for addresses that the peer announces; otherwise info.",
        .fix = "Accept announcements and use endpoints with laminar (or fullmesh on older kernels), "
               "which connect to announced addresses. The peer has to announce an address; otherwise "
               "only its administrator can change this.",
        .example = R"(
warning
  PEER_ADDRESS_CLOSED  203.0.113.80:80
      no subflow to this peer was attempted (MPJoinSynTx 0) although
      endpoint 198.51.100.1 is ready: the peer probably forbids subflows to
      its initial address (deny_join_id0: its allow_join_initial_addr_port
      is 0) and accepts them only at addresses that it announces
    > endpoints:
    >   - {address: "198.51.100.1", interface: eth1, flags: [subflow,
        laminar]}
)"},
    Explanation{
        .code = FindingCode::add_addr_dropped,
        .meaning = "An IPv6 address with a port cannot be announced: together with TCP timestamps the option "
                   "does not fit into a TCP header.",
        .detection =
            "A signal endpoint has an IPv6 address and a port, TCP timestamps are enabled, and "
            "add_addr_v6_port_drop_ts is 0 or not supported. The evidence shows AddAddrTxDrop. Always a warning.",
        .fix = "Declare `add_addr_v6_port_drop_ts: true` if the kernel supports it; otherwise announce "
               "the address without a port.",
        .example = R"(
warning
  ADD_ADDR_DROPPED  [2001:db8::1]:4321
      it cannot be announced while TCP timestamps are enabled: the TCP
      header has no room left for an ADD_ADDR with an IPv6 address and a
      port (AddAddrTxDrop 0)
    > endpoints:
    >   - {address: "2001:db8::1", interface: eth1, flags: [signal]}
    >   - {address: "2001:db8::1", port: 4321, state: absent}   # or: sysctl
        -w net.ipv4.tcp_timestamps=0
)"},
    Explanation{
        .code = FindingCode::tunnel_as_path,
        .meaning = "An endpoint is on a tunnel (WireGuard, OpenVPN, GRE and the like). If the connection "
                   "that carries the tunnel uses MPTCP, it can end up running through itself.",
        .detection = "A subflow endpoint is on a tunnel interface, other endpoints are not, and the "
                     "configuration does not declare it as a path. A warning if a program that can carry "
                     "tunnels over TCP has MPTCP sockets, otherwise info.",
        .fix =
            "Keep tunnels out with the proposed rule or entry, or declare the endpoint if it is meant as a path.",
        .example = R"(
warning
  TUNNEL_AS_PATH  tun0
      tun0 is a tunnel (tun); connections that carry the tunnel must not use
      it as a path, but endpoint 198.51.100.1 allows this for every
      connection; programs with MPTCP sockets that may carry it: openvpn
      (pid 7)
    > endpoints:
    >   - {address: "198.51.100.1", state: absent}
)"}};

} // namespace keeper::explanations
