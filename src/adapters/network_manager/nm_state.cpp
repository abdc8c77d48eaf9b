// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_objects.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include <net/if.h>
#include <nm-dbus-interface.h>

// From NetworkManager's objects to the state that the plan reads.

namespace keeper {

namespace {

constexpr const char* reason_external =
    "its device was configured by another program; a change would make NetworkManager take over the device";
constexpr const char* reason_volatile = "it exists only until its device disconnects";
constexpr const char* reason_loopback = "MPTCP does not use the loopback interface";

/// NM_GENERATED alone is not a reason: automatic profiles ("Wired connection 1") have it too.
std::optional<std::string> skip_reason_of(const NmProfileObject& object) {
    if ((object.flags & NM_SETTINGS_CONNECTION_FLAG_EXTERNAL) != 0) {
        return reason_external;
    }
    if ((object.flags & NM_SETTINGS_CONNECTION_FLAG_VOLATILE) != 0) {
        return reason_volatile;
    }
    if (object.settings->type == "loopback" || object.settings->interface_name == "lo") {
        return reason_loopback;
    }
    return std::nullopt;
}

Profile profile_of(const NmProfileObject& object) {
    return {
        .uuid = object.settings->uuid,
        .name = object.settings->id,
        .type = object.settings->type,
        .interface_name = object.settings->interface_name,
        .storage = storage_of(object.filename),
        .filename = object.filename,
        .stored = object.settings->mptcp_flags,
        .activations = {},
        .skip_reason = skip_reason_of(object)};
}

/// A VPN refers to the device below it, which runs another profile.
bool runs(const NmDeviceObject& device, const NmActiveObject& active) {
    return device.applied && device.applied->uuid == active.uuid;
}

ProfileActivation
activation_of(const NmDeviceObject& device, const NmObjects& objects, const NetworkManagerConf& conf) {
    ProfileActivation activation{
        .interface = device.interface,
        .ifindex = device.ifindex,
        .live = device.applied->mptcp_flags,
        .reapply_disturbs = does_reapply_disturb(*device.applied, objects.version)};
    DeviceIdentity identity = device.identity;
    identity.dhcp_plugin = conf.dhcp_plugin();
    if (!device.precise_type.empty()) {
        identity.type = device.precise_type;
    }
    const MptcpFlags by_default = conf.default_flags(&identity);
    if (by_default != conf.default_flags(nullptr)) {
        activation.default_flags = by_default;
    }
    return activation;
}

/// The devices whose current profile and flags are not known at the moment.
std::vector<Ifindex> unsettled_devices(const NmObjects& objects) {
    std::vector<Ifindex> result;
    for (const auto& [path, device] : objects.devices) {
        if (device.is_in_transition() || device.is_applied_unread) {
            result.push_back(device.ifindex);
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

/// The devices in transition on which a profile is being activated that is not left alone.
std::vector<Ifindex> activating_devices(const NmObjects& objects) {
    std::vector<Ifindex> result;
    for (const auto& [path, active] : objects.actives) {
        for (const std::string& device : active.devices) {
            const auto found = objects.devices.find(device);
            if (!active.is_external() && found != objects.devices.end() && found->second.is_in_transition()) {
                result.push_back(found->second.ifindex);
            }
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

/// The profiles by uuid, with the activations of those that are not skipped.
using ProfilesByUuid = std::unordered_map<std::string, Profile>;

void add_activations(ProfilesByUuid& profiles, const NmObjects& objects, const NetworkManagerConf& conf) {
    for (const auto& [path, active] : objects.actives) {
        const auto profile = profiles.find(active.uuid);
        if (profile == profiles.end() || active.is_over()) {
            continue;
        }
        if (active.is_external()) {
            profile->second.skip_reason = reason_external;
        }
        if (profile->second.skip_reason || !active.is_activated()) {
            continue;
        }
        for (const std::string& device : active.devices) {
            const auto found = objects.devices.find(device);
            if (found != objects.devices.end() && runs(found->second, active)) {
                profile->second.activations.push_back(activation_of(found->second, objects, conf));
            }
        }
    }
}

} // namespace

Ifindex present_ifindex(const std::string& interface) {
    return {static_cast<std::int32_t>(::if_nametoindex(interface.c_str()))};
}

NetworkManagerState state_of(const NmObjects& objects, const NetworkManagerConf& conf) {
    ProfilesByUuid profiles;
    for (const auto& [path, object] : objects.profiles) {
        if (object.settings) {
            profiles.emplace(object.settings->uuid, profile_of(object));
        }
    }
    add_activations(profiles, objects, conf);
    NetworkManagerState state;
    state.version = objects.version;
    state.default_flags = conf.default_flags(nullptr);
    state.is_starting = objects.is_starting;
    state.unsettled = unsettled_devices(objects);
    state.activating = activating_devices(objects);
    state.profiles.reserve(profiles.size());
    for (auto& [uuid, profile] : profiles) {
        if (profile.skip_reason) {
            profile.activations.clear();
        }
        std::sort(
            profile.activations.begin(), profile.activations.end(), [](const auto& left, const auto& right) {
                return left.interface < right.interface;
            });
        state.profiles.push_back(std::move(profile));
    }
    std::sort(state.profiles.begin(), state.profiles.end(), [](const Profile& left, const Profile& right) {
        return std::tie(left.name, left.uuid) < std::tie(right.name, right.uuid);
    });
    return state;
}

} // namespace keeper
