// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_objects.hpp"

#include <gtest/gtest.h>
#include <nm-dbus-interface.h>

namespace keeper {
namespace {

const std::string profile_path = "/org/freedesktop/NetworkManager/Settings/1";
const std::string active_path = "/org/freedesktop/NetworkManager/ActiveConnection/1";
const std::string device_path = "/org/freedesktop/NetworkManager/Devices/2";
const std::string ip4_path = "/org/freedesktop/NetworkManager/IP4Config/3";

/// A profile that is active on lo0, an interface that does not exist.
NmObjects one_active_profile(std::uint32_t activation_flags = 0) {
    NmObjects objects;
    objects.owner = ":1.1";
    objects.version = "1.42.4";
    NmProfileObject profile;
    profile.filename = "/etc/NetworkManager/system-connections/wan.nmconnection";
    profile.settings = ConnectionSettings{
        .uuid = "u1",
        .id = "wan",
        .type = "802-3-ethernet",
        .interface_name = "",
        .mptcp_flags = {MptcpFlag::signal},
        .ipv4_method = "manual",
        .ipv6_method = "disabled"};
    NmDeviceObject device;
    device.interface = "lo0";
    device.state = NM_DEVICE_STATE_ACTIVATED;
    device.active = active_path;
    device.ip4_config = ip4_path;
    device.applied = profile.settings;
    device.applied->mptcp_flags = {MptcpFlag::subflow};
    objects.profiles[profile_path] = profile;
    objects.config_devices[ip4_path] = device_path;
    objects.devices[device_path] = device;
    objects.actives[active_path] = {
        .profile = profile_path,
        .uuid = "u1",
        .state = NM_ACTIVE_CONNECTION_STATE_ACTIVATED,
        .flags = activation_flags,
        .devices = {device_path}};
    return objects;
}

NetworkManagerState state_of(const NmObjects& objects) {
    return keeper::state_of(objects, NetworkManagerConf::read({}, objects.version));
}

TEST(NmObjects, AnActiveProfileHasTheFlagsThatItsDeviceRuns) {
    const NetworkManagerState state = state_of(one_active_profile());
    ASSERT_EQ(state.profiles.size(), 1U);
    EXPECT_EQ(state.profiles[0].stored, MptcpFlags{MptcpFlag::signal});
    ASSERT_EQ(state.profiles[0].activations.size(), 1U);
    EXPECT_EQ(state.profiles[0].activations[0].live, MptcpFlags{MptcpFlag::subflow});
    EXPECT_EQ(state.profiles[0].skip_reason, std::nullopt);
}

TEST(NmObjects, AnExternallyConfiguredDeviceMakesItsProfileSkipped) {
    const NetworkManagerState state = state_of(one_active_profile(NM_ACTIVATION_STATE_FLAG_EXTERNAL));
    EXPECT_TRUE(state.profiles[0].skip_reason);
    EXPECT_TRUE(state.profiles[0].activations.empty());
}

TEST(NmObjects, AVpnDoesNotRunOnTheDeviceBelowIt) {
    NmObjects objects = one_active_profile();
    objects.profiles[profile_path].settings->uuid = "vpn";
    objects.actives[active_path].uuid = "vpn";
    EXPECT_TRUE(state_of(objects).profiles[0].activations.empty());
}

TEST(NmObjects, ADeviceThatChangesItsStateIsUnsettled) {
    NmObjects objects = one_active_profile();
    EXPECT_TRUE(state_of(objects).unsettled.empty());
    objects.devices[device_path].state = NM_DEVICE_STATE_IP_CONFIG;
    EXPECT_EQ(state_of(objects).unsettled.size(), 1U);
    objects.devices[device_path].state = NM_DEVICE_STATE_ACTIVATED;
    objects.devices[device_path].is_applied_unread = true;
    EXPECT_EQ(state_of(objects).unsettled.size(), 1U);
}

TEST(NmObjects, ADeviceMatchesNetworkManagerConfByItsPreciseType) {
    NmObjects objects = one_active_profile();
    objects.devices[device_path].identity.type = "generic";
    objects.devices[device_path].precise_type = "ifb";
    const auto conf = NetworkManagerConf::read(
        {{"[connection-ifb]\nmatch-device=type:ifb\nconnection.mptcp-flags=18\n", true}}, objects.version);
    EXPECT_EQ(
        keeper::state_of(objects, conf).profiles[0].activations[0].default_flags, MptcpFlags::from_raw(18));
}

TEST(DeviceTypeName, IsNmclis) {
    EXPECT_EQ(device_type_name(NM_DEVICE_TYPE_VETH), "ethernet");
    EXPECT_EQ(device_type_name(NM_DEVICE_TYPE_IP_TUNNEL), "iptunnel");
    EXPECT_EQ(device_type_name(9999), "");
}

TEST(NoteChange, TellsKnownObjectsFromOthers) {
    using Concern = NmObjects::Concern;
    NmObjects objects = one_active_profile();
    EXPECT_EQ(objects.note_change(profile_path), Concern::known);
    EXPECT_EQ(objects.note_change(active_path), Concern::known);
    EXPECT_EQ(objects.note_change(device_path), Concern::known);
    EXPECT_EQ(objects.note_change("/org/freedesktop/NetworkManager/Devices/9"), Concern::others);
    EXPECT_EQ(objects.changed.size(), 4U);
}

TEST(NoteChange, OfAddressesMeansTheirDevice) {
    NmObjects objects = one_active_profile();
    EXPECT_EQ(objects.note_change(ip4_path), NmObjects::Concern::known);
    EXPECT_EQ(objects.changed, std::set<std::string>{device_path});
    EXPECT_EQ(objects.note_change("/org/freedesktop/NetworkManager/IP6Config/7"), NmObjects::Concern::nothing)
        << "of a device that was not read: its state is announced as well";
}

TEST(NoteChange, OfWhatTheKeeperLeavesAloneIsNotUrgent) {
    using Concern = NmObjects::Concern;
    NmObjects external = one_active_profile(NM_ACTIVATION_STATE_FLAG_EXTERNAL);
    EXPECT_EQ(external.note_change(active_path), Concern::others);
    EXPECT_EQ(external.note_change(device_path), Concern::others);
    NmObjects idle = one_active_profile();
    idle.devices[device_path].active = "/";
    EXPECT_EQ(idle.note_change(device_path), Concern::others);
    NmObjects temporary = one_active_profile();
    temporary.profiles[profile_path].flags = NM_SETTINGS_CONNECTION_FLAG_VOLATILE;
    EXPECT_EQ(temporary.note_change(profile_path), Concern::others);
}

TEST(NoteChange, BeforeAnythingWasReadNeedsNoMemory) {
    NmObjects objects;
    EXPECT_EQ(objects.note_change(profile_path), NmObjects::Concern::known);
    EXPECT_TRUE(objects.changed.empty());
}

TEST(NoteChange, OfVeryManyObjectsMeansEverything) {
    NmObjects objects = one_active_profile();
    for (int i = 0; i < 5000; ++i) {
        (void)objects.note_change("/org/freedesktop/NetworkManager/Devices/" + std::to_string(i + 10));
    }
    EXPECT_TRUE(objects.is_outdated);
    EXPECT_TRUE(objects.changed.empty()) << "no memory for what is read again anyway";
}

TEST(NoteChange, OfAnotherProgramsObjectIsIgnored) {
    NmObjects objects = one_active_profile();
    for (const char* path : {"/", "/org/example/1", "/org/freedesktop/NetworkManager/AccessPoint/1"}) {
        EXPECT_EQ(objects.note_change(path), NmObjects::Concern::nothing) << path;
    }
    EXPECT_TRUE(objects.changed.empty());
}

TEST(NmObjects, OfTwoDevicesWithOneNameTheActiveOneIsMeant) {
    NmObjects objects = one_active_profile();
    objects.devices["/org/freedesktop/NetworkManager/Devices/1"].interface = "lo0";
    objects.devices["/org/freedesktop/NetworkManager/Devices/9"].interface = "lo0";
    ASSERT_NE(objects.find_device("lo0"), nullptr);
    EXPECT_EQ(*objects.find_device("lo0"), device_path);
}

TEST(NmObjects, AnActivationThatIsOverIsNoneOfItsProfile) {
    NmObjects objects = one_active_profile(NM_ACTIVATION_STATE_FLAG_EXTERNAL);
    objects.actives[active_path].state = NM_ACTIVE_CONNECTION_STATE_DEACTIVATED;
    EXPECT_EQ(state_of(objects).profiles[0].skip_reason, std::nullopt);
}

TEST(NmObjects, AnOrdinaryActivationInProgressIsReported) {
    NmObjects objects = one_active_profile();
    objects.devices[device_path].ifindex = Ifindex{7};
    EXPECT_TRUE(state_of(objects).activating.empty());
    objects.devices[device_path].state = NM_DEVICE_STATE_IP_CONFIG;
    EXPECT_EQ(state_of(objects).activating, std::vector{Ifindex{7}});
    objects.actives[active_path].flags = NM_ACTIVATION_STATE_FLAG_EXTERNAL;
    EXPECT_TRUE(state_of(objects).activating.empty()) << "a container's device";
}

ConnectionSettings with_methods(std::optional<std::string> ipv4, std::optional<std::string> ipv6) {
    ConnectionSettings settings;
    settings.ipv4_method = std::move(ipv4);
    settings.ipv6_method = std::move(ipv6);
    return settings;
}

TEST(ReapplyDisturbs, IfItRestartsDhcpOrIpv6) {
    EXPECT_FALSE(does_reapply_disturb(with_methods("manual", "disabled"), "1.42.4"));
    EXPECT_TRUE(does_reapply_disturb(with_methods("auto", "disabled"), "1.42.4"));
    EXPECT_TRUE(does_reapply_disturb(with_methods("manual", "auto"), "1.42.4"));
    EXPECT_TRUE(does_reapply_disturb(with_methods("manual", "ignore"), "1.42.4"));
    EXPECT_TRUE(does_reapply_disturb(with_methods("link-local", "disabled"), "1.52.1"));
    EXPECT_FALSE(does_reapply_disturb(with_methods("manual", "disabled"), "1.52.1"));
}

TEST(ReapplyDisturbs, BeforeNetworkManager142WhichRemovesForeignAddresses) {
    EXPECT_TRUE(does_reapply_disturb(with_methods("manual", "disabled"), "1.40.16"));
    EXPECT_TRUE(does_reapply_disturb(with_methods("manual", "disabled"), "1.41.91-dev"));
    EXPECT_FALSE(does_reapply_disturb(with_methods("manual", "disabled"), "1.42.0"));
    EXPECT_FALSE(does_reapply_disturb(with_methods(std::nullopt, std::nullopt), "1.40.16")) << "a port";
}

TEST(ProfileStorage, FollowsFromTheFileName) {
    EXPECT_EQ(storage_of("/etc/NetworkManager/system-connections/a.nmconnection"), ProfileStorage::etc);
    EXPECT_EQ(storage_of("/etc/sysconfig/network-scripts/ifcfg-a"), ProfileStorage::etc);
    EXPECT_EQ(storage_of("/run/NetworkManager/system-connections/a.nmconnection"), ProfileStorage::run);
    EXPECT_EQ(
        storage_of("/usr/lib/NetworkManager/system-connections/a.nmconnection"), ProfileStorage::usr_lib);
    EXPECT_EQ(storage_of(""), ProfileStorage::memory);
    EXPECT_EQ(storage_of("/opt/a.nmconnection"), ProfileStorage::unknown);
}

} // namespace
} // namespace keeper
