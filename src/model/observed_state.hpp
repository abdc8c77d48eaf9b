// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/connection.hpp"
#include "model/endpoint.hpp"
#include "model/limits.hpp"
#include "model/mptcp_flags.hpp"
#include "model/observed.hpp"
#include "model/observed_program_hook.hpp"
#include "model/observed_units.hpp"
#include "model/process.hpp"

namespace keeper {

/// An address of an interface, from rtnetlink.
struct LinkAddress {
    IpAddress address;
    std::uint8_t scope = 0;  ///< rtm_scope: 0 global, 253 link, 254 host
    bool tentative = false;  ///< duplicate address detection has not finished (RFC 4862)
    bool dad_failed = false; ///< another host has the address; it will never be usable
    bool temporary = false;  ///< RFC 8981 privacy address
    bool dynamic = false;    ///< has a finite lifetime: from DHCP or a router
    /// IFA_F_NOPREFIXROUTE. NetworkManager sets it on every address that it configures and creates endpoints
    /// for those only, which distinguishes them from addresses that other programs added.
    bool no_prefix_route = false;
    friend bool operator==(const LinkAddress&, const LinkAddress&) = default;

    [[nodiscard]] bool is_usable() const { return !tentative && !dad_failed; }
};

/// A network interface.
struct Link {
    Ifindex ifindex;
    std::string name;
    std::vector<std::string> alternative_names; ///< added with `ip link property add`
    bool up = false;                            ///< IFF_UP
    bool carrier = false;
    std::vector<LinkAddress> addresses;
    /// The main table has a default route through this interface that was not added by hand (RTPROT_BOOT):
    /// the only default routes that NetworkManager considers.
    bool default_route_v4 = false;
    bool default_route_v6 = false;
    friend bool operator==(const Link&, const Link&) = default;
};

/// Where NetworkManager keeps a profile.
enum class ProfileStorage { etc, run, usr_lib, memory, unknown };

/// One device on which a profile is active.
struct ProfileActivation {
    std::string interface;
    Ifindex ifindex;
    /// mptcp-flags of the connection that the device actually runs (GetAppliedConnection).
    MptcpFlags live;
    /// A reapply could restart DHCP, or remove addresses that a router announced or other programs added.
    bool reapply_disturbs = false;
    /// The meaning of flags 0 on this device, if NetworkManager.conf sets it for this device specifically.
    std::optional<MptcpFlags> default_flags = std::nullopt;
    friend bool operator==(const ProfileActivation&, const ProfileActivation&) = default;
};

/// A NetworkManager connection profile.
struct Profile {
    std::string uuid;
    std::string name;           ///< connection.id
    std::string type;           ///< connection.type: "802-3-ethernet", …
    std::string interface_name; ///< connection.interface-name, may be empty
    ProfileStorage storage = ProfileStorage::unknown;
    std::string filename; ///< empty for an in-memory profile
    MptcpFlags stored;
    std::vector<ProfileActivation> activations; ///< fully activated devices only, sorted by interface
    /// Why no rule may touch it ("connected (externally)", loopback); std::nullopt for an ordinary profile.
    std::optional<std::string> skip_reason;
    friend bool operator==(const Profile&, const Profile&) = default;
};

/// The state of NetworkManager.
struct NetworkManagerState {
    std::string version;
    /// The meaning of flags 0 on this host: from [connection] of NetworkManager.conf, or the built-in
    /// default.
    MptcpFlags default_flags{MptcpFlag::enabled, MptcpFlag::subflow};
    std::vector<Profile> profiles; ///< sorted by name, then uuid
    /// It has not finished the activations of its own start.
    bool is_starting = false;
    /// Devices whose profile is being activated or deactivated, or could not be read.
    std::vector<Ifindex> unsettled;
    /// Those of them on which an ordinary profile is being activated: addresses and endpoints of it may
    /// appear before the activation is complete.
    std::vector<Ifindex> activating = {};
    friend bool operator==(const NetworkManagerState&, const NetworkManagerState&) = default;
};

/// The state of the host. A part that was not read, deliberately (`apply --only sysctl`) or because of an
/// error, is unknown, not empty: it never leads to a removal or replacement.
struct ObservedState {
    std::string kernel_release;
    bool mptcp_supported = false; ///< also true if reading the sysctls failed for another reason
    Observed<std::map<std::string, std::string>> sysctls; ///< by the name after "net.mptcp."
    Observed<Limits> limits;
    Observed<std::vector<Endpoint>> endpoints; ///< in the kernel's order, including implicit ones
    Observed<std::vector<Link>> links;         ///< sorted by ifindex
    Observed<std::vector<Connection>> connections;
    std::optional<NetworkManagerState> network_manager; ///< std::nullopt: not running, or not read
    /// net.ipv4.conf.*.rp_filter of the interfaces of active profiles.
    std::map<std::string, int> rp_filter;
    /// Why NetworkManager could not be read; empty if it was read or not needed.
    std::string network_manager_error;
    /// It is not running, so nothing but its start can change what it does.
    bool network_manager_is_absent = false;
    /// NetworkManager has not run since boot, so it created none of the kernel's endpoints.
    bool network_manager_never_ran = false;
    std::optional<ObservedUnits> units;              ///< std::nullopt: not read
    std::optional<ObservedProgramHook> program_hook; ///< std::nullopt: not read
    std::optional<ProcessList> programs;             ///< std::nullopt: not read
    friend bool operator==(const ObservedState&, const ObservedState&) = default;
};

/// The value of a sysctl; null if this kernel lacks it or the sysctls are unknown.
[[nodiscard]] const std::string* find_sysctl_value(const ObservedState& state, const std::string& name);
/// Whether net.mptcp.enabled is 1; std::nullopt if the kernel lacks it, or if the sysctls are not known.
[[nodiscard]] std::optional<bool> enabled_now(const ObservedState& state);
/// The interface with that name or alternative name; null if there is none or the interfaces are unknown.
[[nodiscard]] const Link* find_link(const ObservedState& state, const std::string& name);
/// The interface with that index; null if there is none or the interfaces are unknown.
[[nodiscard]] const Link* find_link(const ObservedState& state, Ifindex ifindex);
/// The address on that interface, the first one if it has the address with several prefixes; null for none.
[[nodiscard]] const LinkAddress* find_address(const Link& link, const IpAddress& address);
/// The endpoint with that address and port, also an implicit one; null if there is none or they are unknown.
[[nodiscard]] const Endpoint* find_endpoint(const ObservedState& state, const SocketAddress& key);

} // namespace keeper
