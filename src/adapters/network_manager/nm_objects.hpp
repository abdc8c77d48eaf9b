// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/network_manager/network_manager_conf.hpp"
#include "adapters/network_manager/settings_message.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// A profile, NetworkManager's object of type Settings.Connection.
struct NmProfileObject {
    std::uint32_t flags = 0; ///< NM_SETTINGS_CONNECTION_FLAG_*
    std::string filename;
    std::optional<ConnectionSettings> settings; ///< std::nullopt: not visible to us
    friend bool operator==(const NmProfileObject&, const NmProfileObject&) = default;
};

/// A use of a profile, NetworkManager's object of type Connection.Active.
struct NmActiveObject {
    std::string profile; ///< the path of its profile
    std::string uuid;
    std::uint32_t state = 0; ///< NM_ACTIVE_CONNECTION_STATE_*
    std::uint32_t flags = 0; ///< NM_ACTIVATION_STATE_FLAG_*
    std::vector<std::string> devices;
    friend bool operator==(const NmActiveObject&, const NmActiveObject&) = default;

    [[nodiscard]] bool is_external() const;
    [[nodiscard]] bool is_activated() const;
    /// NetworkManager removes the object without a further signal.
    [[nodiscard]] bool is_over() const;
};

/// A device.
struct NmDeviceObject {
    std::string interface; ///< the one that it configures
    DeviceIdentity identity;
    std::string precise_type; ///< of a modem or a generic device, instead of identity.type
    Ifindex ifindex;          ///< of the interface when the device was read; 0: there was none
    std::uint32_t state = 0;  ///< NM_DEVICE_STATE_*
    std::string active;       ///< the path of its NmActiveObject; "/" for none
    std::string ip4_config;   ///< paths of the objects that announce changes of its addresses
    std::string ip6_config;
    std::optional<ConnectionSettings> applied; ///< the connection that it runs
    bool is_applied_unread = false;            ///< it should run one, which could not be read
    friend bool operator==(const NmDeviceObject&, const NmDeviceObject&) = default;

    [[nodiscard]] bool is_in_transition() const;
};

/// What NetworkManager's objects were when they were read last, by their paths, and which of them have
/// changed since. Small: NMClient mirrors every property of every object, and takes 10 KiB for each profile.
class NmObjects {
  public:
    std::string owner; ///< the unique bus name of the NetworkManager that was read; "" if nothing was
    std::string version;
    bool is_starting = false;
    std::map<std::string, NmProfileObject> profiles;
    std::map<std::string, NmActiveObject> actives;
    std::map<std::string, NmDeviceObject> devices;
    std::unordered_map<std::string, std::string> config_devices; ///< the device of an address configuration
    bool is_outdated = false;      ///< too much has changed: everything must be read again
    std::set<std::string> changed; ///< paths of objects that must be read again; unknown ones are new

    [[nodiscard]] bool is_read() const { return !owner.empty(); }
    void forget() { *this = NmObjects{}; }

    enum class Concern {
        nothing, ///< nothing that is read
        others,  ///< an object that is new, or that the keeper leaves alone
        known,
    };
    /// Remembers that the object with this path was announced as changed.
    Concern note_change(const std::string& path);

    /// The path of the profile with that uuid; null if there is none.
    [[nodiscard]] const std::string* find_profile(const std::string& uuid) const;
    /// The path of the device that configures that interface, an active one if there are several; null if
    /// there is none.
    [[nodiscard]] const std::string* find_device(const std::string& interface) const;
    /// The devices whose applied connection matters: those on which an ordinary profile is fully active.
    [[nodiscard]] std::set<std::string> active_devices() const;

  private:
    [[nodiscard]] bool is_left_alone(const std::string& path) const;
};

/// The index that the interface has now; 0 if it is gone.
[[nodiscard]] Ifindex present_ifindex(const std::string& interface);

/// The state that the objects mean.
[[nodiscard]] NetworkManagerState state_of(const NmObjects& objects, const NetworkManagerConf& conf);

/// "1.42.4" is {1, 42}; {0, 0} if the text is not a version.
struct NmVersion {
    unsigned major = 0;
    unsigned minor = 0;
    friend auto operator<=>(const NmVersion&, const NmVersion&) = default;
};
[[nodiscard]] NmVersion parse_nm_version(const std::string& text);

/// Whether a reapply can preserve what other programs added to the device (since 1.42).
[[nodiscard]] bool can_preserve_external_ip(const std::string& version);

/// Whether a reapply of that applied connection, with only its mptcp-flags changed, can remove addresses or
/// routes, even if only for a moment.
[[nodiscard]] bool does_reapply_disturb(const ConnectionSettings& applied, const std::string& version);

/// Where a profile with this file name is stored.
[[nodiscard]] ProfileStorage storage_of(const std::string& filename);

/// nmcli's name of a device type (NM_DEVICE_TYPE_*), as NetworkManager.conf matches it; "" for an unknown
/// one.
[[nodiscard]] std::string device_type_name(std::uint32_t type);

} // namespace keeper
