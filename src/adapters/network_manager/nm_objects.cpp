// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_objects.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <nm-dbus-interface.h>

#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

/// More changed objects than this are not worth reading one by one.
constexpr std::size_t most_changed = 4096;

constexpr std::array<std::pair<std::uint32_t, const char*>, 31> type_names{{
    {NM_DEVICE_TYPE_ETHERNET, "ethernet"},
    {NM_DEVICE_TYPE_WIFI, "wifi"},
    {NM_DEVICE_TYPE_BT, "bt"},
    {NM_DEVICE_TYPE_OLPC_MESH, "olpcmesh"},
    {NM_DEVICE_TYPE_MODEM, "modem"},
    {NM_DEVICE_TYPE_INFINIBAND, "infiniband"},
    {NM_DEVICE_TYPE_BOND, "bond"},
    {NM_DEVICE_TYPE_VLAN, "vlan"},
    {NM_DEVICE_TYPE_ADSL, "adsl"},
    {NM_DEVICE_TYPE_BRIDGE, "bridge"},
    {NM_DEVICE_TYPE_GENERIC, "generic"},
    {NM_DEVICE_TYPE_TEAM, "team"},
    {NM_DEVICE_TYPE_TUN, "tun"},
    {NM_DEVICE_TYPE_IP_TUNNEL, "iptunnel"},
    {NM_DEVICE_TYPE_MACVLAN, "macvlan"},
    {NM_DEVICE_TYPE_VXLAN, "vxlan"},
    {NM_DEVICE_TYPE_VETH, "ethernet"},
    {NM_DEVICE_TYPE_MACSEC, "macsec"},
    {NM_DEVICE_TYPE_DUMMY, "dummy"},
    {NM_DEVICE_TYPE_PPP, "ppp"},
    {NM_DEVICE_TYPE_OVS_INTERFACE, "ovs-interface"},
    {NM_DEVICE_TYPE_OVS_PORT, "ovs-port"},
    {NM_DEVICE_TYPE_OVS_BRIDGE, "ovs-bridge"},
    {NM_DEVICE_TYPE_WPAN, "wpan"},
    {NM_DEVICE_TYPE_6LOWPAN, "6lowpan"},
    {NM_DEVICE_TYPE_WIREGUARD, "wireguard"},
    {NM_DEVICE_TYPE_WIFI_P2P, "wifi-p2p"},
    {NM_DEVICE_TYPE_VRF, "vrf"},
    {32, "loopback"}, // NM_DEVICE_TYPE_LOOPBACK, since 1.42
    {33, "hsr"},      // NM_DEVICE_TYPE_HSR, since 1.46
    {34, "ipvlan"},   // NM_DEVICE_TYPE_IPVLAN, since 1.52
}};

template <class Objects>
auto* find_object(Objects& objects, const std::string& path) {
    const auto found = objects.find(path);
    return found == objects.end() ? nullptr : &found->second;
}

} // namespace

bool NmActiveObject::is_external() const {
    return (flags & NM_ACTIVATION_STATE_FLAG_EXTERNAL) != 0;
}

bool NmActiveObject::is_activated() const {
    return state == NM_ACTIVE_CONNECTION_STATE_ACTIVATED;
}

bool NmActiveObject::is_over() const {
    return state == NM_ACTIVE_CONNECTION_STATE_DEACTIVATED;
}

bool NmDeviceObject::is_in_transition() const {
    return (state >= NM_DEVICE_STATE_PREPARE && state < NM_DEVICE_STATE_ACTIVATED) ||
           state == NM_DEVICE_STATE_DEACTIVATING;
}

bool NmObjects::is_left_alone(const std::string& path) const {
    if (const auto* profile = find_object(profiles, path)) {
        return (profile->flags &
                (NM_SETTINGS_CONNECTION_FLAG_EXTERNAL | NM_SETTINGS_CONNECTION_FLAG_VOLATILE)) != 0;
    }
    const NmDeviceObject* device = find_object(devices, path);
    const NmActiveObject* active = find_object(actives, device != nullptr ? device->active : path);
    return active == nullptr || active->is_external();
}

NmObjects::Concern NmObjects::note_change(const std::string& path) {
    if (!is_read() || is_outdated) {
        return Concern::known; // everything will be read
    }
    const auto device = config_devices.find(path);
    const std::string& object = device == config_devices.end() ? path : device->second;
    if (!object.starts_with(nm::settings_path) && !object.starts_with(nm::actives_path) &&
        !object.starts_with(nm::devices_path)) {
        return Concern::nothing; // such as the addresses of a new device, whose state is announced as well
    }
    if (changed.size() >= most_changed) {
        changed.clear();
        is_outdated = true;
        return Concern::known;
    }
    const Concern concern = is_left_alone(object) ? Concern::others : Concern::known;
    changed.insert(object);
    return concern;
}

const std::string* NmObjects::find_profile(const std::string& uuid) const {
    const auto found = std::find_if(profiles.begin(), profiles.end(), [&](const auto& known) {
        return known.second.settings && known.second.settings->uuid == uuid;
    });
    return found == profiles.end() ? nullptr : &found->first;
}

const std::string* NmObjects::find_device(const std::string& interface) const {
    const std::set<std::string> active = active_devices();
    const std::string* found = nullptr;
    for (const auto& [path, device] : devices) {
        if (device.interface == interface && (found == nullptr || active.count(path) != 0)) {
            found = &path;
        }
    }
    return found;
}

std::set<std::string> NmObjects::active_devices() const {
    std::set<std::string> paths;
    for (const auto& [path, active] : actives) {
        if (active.is_activated() && !active.is_external()) {
            paths.insert(active.devices.begin(), active.devices.end());
        }
    }
    return paths;
}

NmVersion parse_nm_version(const std::string& text) {
    NmVersion version;
    if (std::sscanf(text.c_str(), "%u.%u", &version.major, &version.minor) != 2) {
        return {};
    }
    return version;
}

bool can_preserve_external_ip(const std::string& version) {
    return parse_nm_version(version) >= NmVersion{1, 42};
}

bool does_reapply_disturb(const ConnectionSettings& applied, const std::string& version) {
    const auto& ipv4 = applied.ipv4_method;
    const auto& ipv6 = applied.ipv6_method;
    if (!ipv4 && !ipv6) {
        return false; // a port of another device has no addresses to lose
    }
    // Observed with NetworkManager 1.42: a reapply with any difference restarts DHCP, and on a device with
    // IPv6 it disables and enables IPv6, which removes all its addresses and routes until duplicate address
    // detection has completed again.
    return !can_preserve_external_ip(version) || ipv4 == "auto" || ipv4 == "link-local" ||
           (ipv6 && *ipv6 != "disabled");
}

ProfileStorage storage_of(const std::string& filename) {
    if (filename.empty()) {
        return ProfileStorage::memory;
    }
    // ifcfg-rh keeps its files in /etc/sysconfig.
    if (filename.starts_with("/etc/")) {
        return ProfileStorage::etc;
    }
    if (filename.starts_with("/run/")) {
        return ProfileStorage::run;
    }
    return filename.starts_with("/usr/lib/") ? ProfileStorage::usr_lib : ProfileStorage::unknown;
}

std::string device_type_name(std::uint32_t type) {
    const auto found = std::find_if(
        type_names.begin(), type_names.end(), [&](const auto& known) { return known.first == type; });
    return found == type_names.end() ? "" : found->second;
}

} // namespace keeper
