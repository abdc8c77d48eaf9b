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
#include "model/observed_units.hpp"
#include "model/process.hpp"

namespace keeper {

/// An address on an interface, as rtnetlink shows it.
struct LinkAddress {
    IpAddress address;
    std::uint8_t scope = 0;  ///< rtm_scope: 0 global, 253 link, 254 host
    bool tentative = false;  ///< duplicate address detection has not ended (RFC 4862)
    bool dad_failed = false; ///< somebody else has the address: it will never be usable
    bool temporary = false;  ///< RFC 8981 privacy address
    bool dynamic = false;    ///< has a finite life time: from DHCP or a router
    /// IFA_F_NOPREFIXROUTE. NetworkManager sets it on every address that it configures, and makes endpoints
    /// for no other: it is how to tell them from addresses that somebody else added.
    bool no_prefix_route = false;
    friend bool operator==(const LinkAddress&, const LinkAddress&) = default;

    [[nodiscard]] bool is_usable() const { return !tentative && !dad_failed; }
};

/// A network interface.
struct Link {
    Ifindex ifindex;
    std::string name;
    std::vector<std::string> alternative_names; ///< as `ip link property add` gives them
    bool up = false;                            ///< IFF_UP
    bool carrier = false;
    std::vector<LinkAddress> addresses;
    /// A default route in the main table leaves by this interface, and it was not added by hand
    /// (RTPROT_BOOT): the only kind that counts for NetworkManager.
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
    /// mptcp-flags of the connection that the device really runs (GetAppliedConnection).
    MptcpFlags live;
    /// A reapply could restart DHCP, lose addresses that a router announced, or remove those that other
    /// programs added.
    bool reapply_disturbs = false;
    /// What flags 0 mean on this device, where NetworkManager.conf has other flags for it than for the rest.
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
    std::string filename; ///< empty for a profile that lives in memory
    MptcpFlags stored;
    std::vector<ProfileActivation> activations; ///< fully activated devices only, sorted by interface
    /// Why no rule may touch it ("connected (externally)", loopback); nothing for an ordinary profile.
    std::optional<std::string> skip_reason;
    friend bool operator==(const Profile&, const Profile&) = default;
};

/// What NetworkManager is and holds.
struct NetworkManagerState {
    std::string version;
    /// What a profile with flags 0 means on this host: [connection] of NetworkManager.conf, else built in.
    MptcpFlags default_flags{MptcpFlag::enabled, MptcpFlag::subflow};
    std::vector<Profile> profiles; ///< sorted by name, then uuid
    /// It has not yet activated what it activates when it starts.
    bool is_starting = false;
    /// Devices whose profile is being activated or deactivated, or could not be read.
    std::vector<Ifindex> unsettled;
    friend bool operator==(const NetworkManagerState&, const NetworkManagerState&) = default;
};

/// The host as it was found. What was not read, on purpose (`apply --only sysctl`) or since it could not be,
/// is unknown and never empty: nothing is removed or replaced because of it.
struct ObservedState {
    std::string kernel_release;
    bool mptcp_supported = false; ///< true also where the sysctls could not be read for another reason
    Observed<std::map<std::string, std::string>> sysctls; ///< by the name after "net.mptcp."
    Observed<Limits> limits;
    Observed<std::vector<Endpoint>> endpoints; ///< in the kernel's order, implicit ones too
    Observed<std::vector<Link>> links;         ///< sorted by ifindex
    Observed<std::vector<Connection>> connections;
    std::optional<NetworkManagerState> network_manager; ///< nothing: not running, or not read
    /// net.ipv4.conf.*.rp_filter of the interfaces of active profiles.
    std::map<std::string, int> rp_filter;
    /// Why NetworkManager could not be read, where it was asked for and is missing.
    std::string network_manager_error;
    /// NetworkManager has not run since the boot, so that none of the kernel's endpoints is its work.
    bool network_manager_never_ran = false;
    std::optional<ObservedUnits> units;  ///< nothing: not looked at
    std::optional<ProcessList> programs; ///< nothing: not looked at
    friend bool operator==(const ObservedState&, const ObservedState&) = default;
};

/// The value of a sysctl; null where this kernel lacks it, or where the sysctls are not known.
[[nodiscard]] const std::string* find_sysctl_value(const ObservedState& state, const std::string& name);
/// The interface with that name or alternative name; null for none, or where the interfaces are not known.
[[nodiscard]] const Link* find_link(const ObservedState& state, const std::string& name);
/// The interface with that index; null for none, or where the interfaces are not known.
[[nodiscard]] const Link* find_link(const ObservedState& state, Ifindex ifindex);
/// The endpoint with that address and port, implicit ones too; null for none, or where they are not known.
[[nodiscard]] const Endpoint* find_endpoint(const ObservedState& state, const EndpointKey& key);

} // namespace keeper
