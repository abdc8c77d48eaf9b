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

/// What the kernel's routing tables say about packets from an endpoint to an address that is on no link.
struct RouteFact {
    EndpointKey endpoint;
    bool found = false;
    Ifindex output;    ///< where they would leave; 0 unless found
    std::string words; ///< the kernel's refusal, where there is no route
    friend bool operator==(const RouteFact&, const RouteFact&) = default;
};

/// What the kernel's routing tables say about packets from an endpoint to an address of a live peer.
struct PeerRoute {
    EndpointKey endpoint;
    IpAddress peer;
    bool found = false;
    std::string refusal; ///< the kernel's message, where there is no route
    friend bool operator==(const PeerRoute&, const PeerRoute&) = default;
};

/// What an interface is made of.
struct LinkDriver {
    std::string kind; ///< IFLA_INFO_KIND: "bridge", "veth", "wireguard", …; empty for physical interfaces
    Ifindex lower;    ///< the interface below it, such as a VLAN's; 0 for none, or one of another namespace
    friend bool operator==(const LinkDriver&, const LinkDriver&) = default;
};

/// Which side did what on a subflow.
struct SubflowSides {
    bool opened_here = false;  ///< this host sent its SYN; false where the peer did
    bool backup_here = false;  ///< this host gave it the flag: its endpoint has it
    bool backup_there = false; ///< the peer asked for it (MP_JOIN or MP_PRIO)
    friend bool operator==(const SubflowSides&, const SubflowSides&) = default;
};
/// A subflow by its local and its remote end.
using SubflowEnds = std::pair<EndpointKey, EndpointKey>;

/// A firewall's rules as its own tool lists them.
struct Ruleset {
    std::string tool; ///< "nft", "iptables", "ip6tables"
    std::string text;
    friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

/// mptcpd(8), where it is installed or runs.
struct Mptcpd {
    std::optional<std::int64_t> pid;
    std::optional<HostFile> config;
    std::string plugin_folder;        ///< of the configuration; empty where it names none
    std::vector<std::string> plugins; ///< file names in that folder
    bool plugin_folder_exists = false;
    std::string usual_plugin_folder; ///< where its packages put plugins; empty where none are installed
    friend bool operator==(const Mptcpd&, const Mptcpd&) = default;
};

/// What was seen of one connection that doctor opened itself (--probe).
struct ProbeFact {
    std::string target;     ///< as it was asked for
    std::string address;    ///< empty: the name could not be resolved
    bool has_socket = true; ///< this host made an MPTCP socket
    bool connected = false;
    std::string error;                   ///< why there is no connection
    std::optional<bool> connects_by_tcp; ///< where MPTCP was refused: whether plain TCP is not
    std::optional<bool> fallback; ///< what the socket says once a byte was sent; nothing where it cannot tell
    std::string netstat_before;   ///< /proc/net/netstat around the connection
    std::string netstat_after;
    std::map<std::string, std::uint64_t> counters; ///< MPTcpExt, what grew between the two
    bool packets_seen = false;                     ///< the flow's own packets could be watched
    int syn_with_option = 0;                       ///< SYNs with MP_CAPABLE that left
    int syn_without_option = 0;                    ///< SYNs without it that left
    bool synack_seen = false;
    bool synack_with_option = false;
    bool synack_padded = false; ///< where an option of 12 bytes would stand there are NOPs: it was wiped
    friend bool operator==(const ProbeFact&, const ProbeFact&) = default;
};

/// Everything that doctor's rules look at. What could not be looked at is nothing or empty, and stands in
/// `skipped` with the reason.
struct Facts {
    ObservedState host;
    KernelBounds kernel;                           ///< what this kernel was seen to accept
    std::optional<DesiredState> desired;           ///< nothing: the configuration is invalid
    std::map<std::string, std::uint64_t> counters; ///< MPTcpExt since the namespace was made
    std::map<std::string, int> rp_filter;          ///< net.ipv4.conf.*.rp_filter by interface, and "all"
    std::map<std::string, int> arp_ignore;         ///< the same of net.ipv4.conf.*.arp_ignore
    std::map<std::string, int> arp_announce;       ///< and of net.ipv4.conf.*.arp_announce
    std::vector<RouteFact> routes;
    std::vector<PeerRoute> peer_routes;
    /// Addresses from which a route leads off their own link, by their own interface.
    std::set<IpAddress> off_link;
    std::map<Ifindex, LinkDriver> link_drivers;
    std::map<SubflowEnds, SubflowSides> subflow_sides;
    bool tcp_timestamps = true;               ///< net.ipv4.tcp_timestamps, of IPv6 too
    std::map<IpAddress, std::string> subnets; ///< of the host's own addresses: "192.0.2.0/24"
    bool default_route_v4 = false;            ///< anything at all leads off-link
    bool default_route_v6 = false;
    std::vector<HostFile> sysctl_files;         ///< in the order in which they are applied
    std::vector<HostFile> socket_units;         ///< by file name
    std::optional<Listeners> listeners;         ///< nothing: not known
    int first_systemd_with_mptcp_sockets = 0;   ///< 0: this one makes them (SocketProtocol=mptcp)
    std::vector<MechanismFile> mechanism_files; ///< of host_mechanisms(), and the scripts that they start
    /// Lines with apparmor="DENIED" or "STATUS" of the audit log and of the kernel's, a log behind the other.
    std::vector<std::string> apparmor_log;
    std::vector<HostFile> apparmor_profiles; ///< of /etc/apparmor.d, by name
    std::vector<Ruleset> rulesets;
    std::optional<Mptcpd> mptcpd;
    std::vector<std::string> selinux_denials; ///< lines of the audit log
    std::vector<Program> programs;
    std::string asked_unit;         ///< --unit, or empty
    bool asks_for_programs = false; ///< --pid or --unit
    std::optional<ProbeFact> probe;
    std::vector<SkippedCheck> skipped;
};

} // namespace keeper
