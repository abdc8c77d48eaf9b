// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "doctor/explanation.hpp"

/// Findings about firewalls, paths and peers.
namespace keeper::explanations {

inline constexpr std::array traffic{
    Explanation{
        .code = FindingCode::firewall_strips_mptcp,
        .meaning =
            "A firewall rule of this host removes the MPTCP option from packets. Connections fall back to TCP.",
        .detection = "A rule in the output of `nft list ruleset` or iptables-save resets TCP option 30 or "
                     "strips it with TCPOPTSTRIP. Always an error.",
        .fix = "Delete the rule with the proposed command, and remove it from the file that loads it.",
        .example = R"(
error
  FIREWALL_STRIPS_MPTCP  nft table inet filter chain output
      `reset tcp option mptcp` removes the MPTCP option from packets:
      connections fall back to TCP
    > nft delete rule inet filter output handle 7
)"},
    Explanation{
        .code = FindingCode::firewall_drops_join,
        .meaning = "A firewall rule of this host drops packets with the MPTCP option. Subflows fail; "
                   "connections are delayed until their SYN is sent without the option.",
        .detection = "A rule in the output of `nft list ruleset` or iptables-save matches TCP option 30 and "
                     "drops or rejects the packet. Always an error.",
        .fix = "Delete the rule with the proposed command, and remove it from the file that loads it.",
        .example = R"(
error
  FIREWALL_DROPS_JOIN  nft table inet filter chain output
      `tcp option mptcp subtype 1 drop` drops packets with the MPTCP option:
      subflows cannot be created, or connections succeed only once their SYN
      is sent again without it
    > nft delete rule inet filter output handle 7
)"},
    Explanation{
        .code = FindingCode::peer_or_path_fallback,
        .meaning = "Connections requested MPTCP but continue with plain TCP: the peer does not support it, "
                   "or something on the path removes the option.",
        .detection =
            "The counters MPCapableFallbackSYNACK (this host as client), MPCapableFallbackACK (as "
            "server), MPCapableDataFallback and DssFallback (after the handshake). A warning if more "
            "connections fell back than not, or after the handshake; otherwise info. Also reported "
            "for a probe that fell back.",
        .fix = "Probe the peer with the proposed command: it shows where the option is lost. Then check "
               "the firewalls on that path, or enable MPTCP in the peer's program.",
        .example = R"(
warning
  PEER_OR_PATH_FALLBACK  connections to peers
      MPCapableFallbackSYNACK 2 (of MPCapableSYNTX 3): they requested MPTCP
      and were answered in plain TCP: the peer does not support MPTCP, or
      the path removes the option
    > mptcp-keeper doctor --probe HOST:PORT   # shows where the option is
      lost
)"},
    Explanation{
        .code = FindingCode::blackhole_active,
        .meaning = "SYNs with the MPTCP option get no answer while plain ones do. The kernel then uses plain "
                   "TCP for blackhole_timeout seconds (an hour by default), for all peers.",
        .detection = "The counters Blackhole and MPCapableSYNTXDisabled: a warning. Many unanswered SYNs "
                     "(MPCapableSYNTXDrop) without these: info if the kernel counts blackholes, otherwise a "
                     "warning. Also reported for a probe.",
        .fix =
            "Find what drops the option on the path; --probe helps. Then end the fallback with the proposed command.",
        .example = R"(
warning
  BLACKHOLE_ACTIVE  connections to peers
      Blackhole 2: SYNs with MP_CAPABLE were lost and those without it got
      through: something on the path drops them, and the kernel then uses
      plain TCP for blackhole_timeout seconds
    > sysctl -w net.mptcp.blackhole_timeout=$(sysctl -n
      net.mptcp.blackhole_timeout)   # once the path is repaired
)"},
    Explanation{
        .code = FindingCode::join_blocked,
        .meaning = "Additional subflows were attempted but failed: the second path drops them, the address "
                   "was missing, or there is no route.",
        .detection =
            "The counters MPJoinSynTx above MPJoinSynAckRx, MPJoinSynTxBindErr, or "
            "MPJoinSynTxConnectErr. They count from boot, so a repaired cause remains visible. Always a warning.",
        .fix = "Check the proposed route for what drops MP_JOIN; re-add endpoints that were tried too "
               "early; or add the missing route.",
        .example = R"(
warning
  JOIN_BLOCKED  additional subflows
      MPJoinSynTx 2, MPJoinSynAckRx 0: subflows were attempted but not
      answered: the second path is blocked, or the peer's limit is reached
    > ip route get PEER from ENDPOINT oif INTERFACE   # is this the second
      path? if so, find what drops MP_JOIN on it
)"},
    Explanation{
        .code = FindingCode::join_rejected,
        .meaning = "Peers attempted more subflows than this host accepts per connection.",
        .detection = "The counter MPJoinRejected. Always a warning.",
        .fix = "Declare the proposed limit and apply. If the declared limit is the kernel's maximum, "
               "lower the limit on the peers.",
        .example = R"(
warning
  JOIN_REJECTED  limits.subflows
      MPJoinRejected 2: peers attempted more subflows than this host's limit
      allows
    > limits: {subflows: 4}
)"},
    Explanation{
        .code = FindingCode::middlebox_rewrites,
        .meaning = "Something between the hosts changes the data of connections, or sends subflows to a host "
                   "that does not know the connection (a load balancer or NAT).",
        .detection = "Counters of wrong checksums and mappings (DataCsumErr, MPFailRx, MPFailTx, "
                     "DSSNotMatching, InfiniteMapRx and the like), or of joins to unknown connections "
                     "(MPJoinNoTokenFound, MPJoinSynAckHMacFailure, MPJoinAckHMacFailure). Always a warning.",
        .fix =
            "Enable checksums on both ends, so that rewritten data never reaches a program, and find "
            "the device. For a load balancer, announce an address of this host's own with a signal endpoint.",
        .example = R"(
warning
  MIDDLEBOX_REWRITES  the path
      MPFailRx 2: received data does not match its MPTCP mapping: something
      on the path rewrites the payload
    > sysctl: {checksum_enabled: true}   # on both ends, so that such data
      never reaches a program; then find what rewrites it
)"},
    Explanation{
        .code = FindingCode::probe_failed,
        .meaning = "The connection that `doctor --probe HOST:PORT` opened could not be established.",
        .detection =
            "The error of the connection. If it was refused, the probe tries plain TCP too: when that "
            "works, something on the path rejects MPTCP. Always a warning.",
        .fix =
            "Depends on the error: enable MPTCP, correct the name, start the server, or check routes and firewalls.",
        .example = R"(
warning
  PROBE_FAILED  server.example:80
      cannot connect to server.example:80: Connection timed out
    > ip route get 192.0.2.9   # is this the right route? is the host up?
      does a firewall drop port 80?
)"},
    Explanation{
        .code = FindingCode::all_subflows_backup,
        .meaning =
            "Every subflow of a connection is a backup. No path is preferred, so the flag has no effect.",
        .detection = "The flags of the subflows of live connections. The evidence shows which side set the "
                     "flag on each. Always a warning.",
        .fix =
            "Remove the flag from the endpoint of the preferred path, with the proposed declaration or on the peer.",
        .example = R"(
warning
  ALL_SUBFLOWS_BACKUP  203.0.113.80:80
      every subflow of this connection is a backup, so none is preferred;
      the flag was set on 192.0.2.1 by this host (its endpoint has the
      flag), on 198.51.100.1 by this host (its endpoint has the flag)
    > endpoints:
    >   - {address: "192.0.2.1", interface: eth0, flags: [subflow]}   # or
        any other path that you prefer
)"}};

} // namespace keeper::explanations
