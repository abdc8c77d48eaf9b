// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/desired_state.hpp"
#include "model/finding.hpp"
#include "model/host_file.hpp"
#include "model/host_mechanism.hpp"
#include "model/kernel_bounds.hpp"
#include "model/observed_state.hpp"
#include "model/program.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// The kernel's route from an endpoint to an address outside of all connected networks.
struct RouteFact {
    SocketAddress endpoint;
    bool found = false;
    Ifindex output;      ///< the outgoing interface; 0 unless found
    std::string refusal; ///< the kernel's message if there is no route
    friend bool operator==(const RouteFact&, const RouteFact&) = default;
};

/// The kernel's route from an endpoint to an address of a live peer.
struct PeerRoute {
    SocketAddress endpoint;
    IpAddress peer;
    bool found = false;
    std::string refusal; ///< the kernel's message if there is no route
    friend bool operator==(const PeerRoute&, const PeerRoute&) = default;
};

/// The driver of an interface.
struct LinkDriver {
    std::string kind; ///< IFLA_INFO_KIND: "bridge", "veth", "wireguard", …; empty for physical interfaces
    Ifindex lower;    ///< the interface below, as of a VLAN; 0 for none, or if it is in another namespace
    friend bool operator==(const LinkDriver&, const LinkDriver&) = default;
};

/// Which side did what on a subflow.
struct SubflowSides {
    bool opened_here = false;  ///< this host sent the SYN; false if the peer did
    bool backup_here = false;  ///< this host set the flag: its endpoint has it
    bool backup_there = false; ///< the peer asked for it (MP_JOIN or MP_PRIO)
    friend bool operator==(const SubflowSides&, const SubflowSides&) = default;
};
/// A subflow by its local and its remote end.
using SubflowEnds = std::pair<SocketAddress, SocketAddress>;

/// The rules of a firewall as its own tool lists them.
struct Ruleset {
    std::string tool; ///< "nft", "iptables", "ip6tables"
    std::string text;
    friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

/// mptcpd(8), if it is installed or running.
struct Mptcpd {
    std::optional<std::int64_t> pid;
    std::optional<HostFile> config;
    std::string plugin_folder;        ///< from the configuration; empty if not set
    std::vector<std::string> plugins; ///< file names in that directory
    bool plugin_folder_exists = false;
    std::string usual_plugin_folder; ///< where packages install plugins; empty without any
    friend bool operator==(const Mptcpd&, const Mptcpd&) = default;
};

/// Observations of the connection that doctor opened itself (--probe).
struct ProbeFact {
    std::string target;     ///< as given on the command line
    std::string address;    ///< empty: the name could not be resolved
    bool has_socket = true; ///< this host could create an MPTCP socket
    bool connected = false;
    std::string error;                   ///< why the connection failed
    std::optional<bool> connects_by_tcp; ///< after MPTCP was refused: whether TCP works
    std::optional<bool> fallback; ///< the socket's state after one byte was sent; std::nullopt if unknown
    std::string netstat_before;   ///< /proc/net/netstat around the connection
    std::string netstat_after;
    std::map<std::string, std::uint64_t> counters; ///< MPTcpExt, the increase between the two
    bool packets_seen = false;                     ///< the packets of the connection could be captured
    int syn_with_option = 0;                       ///< SYNs sent with MP_CAPABLE
    int syn_without_option = 0;                    ///< SYNs sent without it
    bool synack_seen = false;
    bool synack_with_option = false;
    bool synack_padded = false; ///< NOPs in place of the 12-byte option: it was overwritten
    friend bool operator==(const ProbeFact&, const ProbeFact&) = default;
};

/// Everything that doctor's rules evaluate. A fact that could not be read is empty, and `skipped` has the
/// reason.
struct Facts {
    ObservedState host;
    KernelBounds kernel;                           ///< what this kernel is known to accept
    std::optional<DesiredState> desired;           ///< std::nullopt: the configuration is invalid
    std::map<std::string, std::uint64_t> counters; ///< MPTcpExt since the namespace was created
    std::map<std::string, int> rp_filter;          ///< net.ipv4.conf.*.rp_filter by interface, and "all"
    std::map<std::string, int> arp_ignore;         ///< likewise net.ipv4.conf.*.arp_ignore
    std::map<std::string, int> arp_announce;       ///< likewise net.ipv4.conf.*.arp_announce
    std::vector<RouteFact> routes;
    std::vector<PeerRoute> peer_routes;
    /// Addresses with a route beyond their own subnet through their own interface.
    std::set<IpAddress> off_link;
    std::map<Ifindex, LinkDriver> link_drivers;
    std::map<SubflowEnds, SubflowSides> subflow_sides;
    bool tcp_timestamps = true;               ///< net.ipv4.tcp_timestamps, which covers IPv6 too
    std::map<IpAddress, std::string> subnets; ///< of the host's own addresses: "192.0.2.0/24"
    bool default_route_v4 = false;            ///< there is a route beyond the connected networks
    bool default_route_v6 = false;
    std::vector<HostFile> sysctl_files;         ///< in the order in which they are applied
    std::vector<HostFile> socket_units;         ///< by file name
    std::optional<Listeners> listeners;         ///< std::nullopt: unknown
    int first_systemd_with_mptcp_sockets = 0;   ///< 0: this one supports them (SocketProtocol=mptcp)
    std::vector<MechanismFile> mechanism_files; ///< of host_mechanisms(), and the scripts they start
    /// net.mptcp.enabled as the mounts of the running NetworkManager show it: "" if they hide it, nullopt if
    /// no NetworkManager was found.
    std::optional<std::string> enabled_for_network_manager;
    /// Lines with apparmor="DENIED" or "STATUS": those of the audit log, then those of the kernel log.
    std::vector<std::string> apparmor_log;
    std::vector<HostFile> apparmor_profiles; ///< from /etc/apparmor.d, by name
    std::vector<Ruleset> rulesets;
    std::optional<Mptcpd> mptcpd;
    std::vector<std::string> selinux_denials; ///< lines from the audit log
    std::vector<Program> programs;
    std::string requested_unit;      ///< --unit, or empty
    bool programs_requested = false; ///< --pid or --unit
    std::optional<ProbeFact> probe;
    std::vector<SkippedCheck> skipped;
};

} // namespace keeper
