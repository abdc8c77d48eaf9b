// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

/// Endpoints that the keeper adds on NetworkManager's behalf, if a reapply would disturb the device.
namespace keeper::test {
namespace {

const MptcpFlags everywhere{MptcpFlag::signal, MptcpFlag::also_without_default_route};

/// A second interface, without a default route, for which NetworkManager creates no endpoint.
struct SecondInterface : World {
    SecondInterface() {
        links.present = {link(2, "eth0", {"192.0.2.1"})};
        links.present[0].default_route_v4 = links.present[0].default_route_v6 = false;
        network_manager.state.profiles = {active_profile("lan", links.present[0], {})};
        network_manager.state.profiles[0].activations[0].reapply_disturbs = true;
        desired.profiles = {rule("lan", everywhere)};
    }
    [[nodiscard]] Profile& profile() { return network_manager.state.profiles[0]; }
};

TEST(StandIns, AreRemovedByAReset) {
    SecondInterface world;
    ASSERT_TRUE(world.apply().verified);
    ASSERT_NE(world.find("192.0.2.1"), nullptr);
    const ApplyReport report = world.reset();
    EXPECT_TRUE(report.verified && report.changed) << explain(report);
    EXPECT_EQ(world.find("192.0.2.1"), nullptr);
    EXPECT_TRUE(world.state.saved.empty());
}

TEST(StandIns, AreRemovedByAResetEvenIfTheProfileHadTheFlagsBefore) {
    SecondInterface world;
    world.profile().stored = everywhere;
    ASSERT_TRUE(world.apply().verified);
    ASSERT_NE(world.find("192.0.2.1"), nullptr);
    ASSERT_TRUE(world.state.saved.profiles.empty());
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.find("192.0.2.1"), nullptr);
}

TEST(StandIns, AreRemovedWhenTheFlagsNoLongerRequireThem) {
    for (const MptcpFlags flags :
         {MptcpFlags{}, MptcpFlags{MptcpFlag::disabled}, MptcpFlags{MptcpFlag::signal}}) {
        SCOPED_TRACE(to_string(flags));
        SecondInterface world;
        ASSERT_TRUE(world.apply().verified);
        world.desired.profiles = {rule("lan", flags)};
        const ApplyReport report = world.apply();
        EXPECT_TRUE(report.verified) << explain(report);
        EXPECT_EQ(world.find("192.0.2.1"), nullptr) << explain(report);
    }
}

TEST(StandIns, AreRemovedWithTheWholeSection) {
    for (const bool was_stored : {false, true}) {
        SecondInterface world;
        world.profile().stored = was_stored ? everywhere : MptcpFlags{};
        ASSERT_TRUE(world.apply().verified);
        world.desired.profiles.clear();
        const ApplyReport report = world.apply();
        EXPECT_TRUE(report.verified && report.changed) << explain(report);
        EXPECT_EQ(world.find("192.0.2.1"), nullptr);
        static_cast<void>(world.take_writes());
        static_cast<void>(world.apply());
        EXPECT_EQ(world.take_writes(), std::vector<std::string>{});
    }
}

TEST(StandIns, AreRemovedWithTheirProfileOrItsActivation) {
    for (const bool is_deleted : {false, true}) {
        SecondInterface world;
        ASSERT_TRUE(world.apply().verified);
        world.network_manager.deactivate("eth0");
        if (is_deleted) {
            world.network_manager.state.profiles.clear();
        }
        ASSERT_NE(world.find("192.0.2.1"), nullptr) << "NetworkManager did not create it";
        const ApplyReport report = world.apply();
        EXPECT_TRUE(report.verified) << explain(report);
        EXPECT_EQ(world.find("192.0.2.1"), nullptr);
    }
}

TEST(StandIns, BecomeNetworkManagersIfItCreatesThemItself) {
    SecondInterface world;
    world.links.present[0].default_route_v4 = true;
    world.network_manager.activate_all();
    const Snapshot before = world.snapshot();
    ASSERT_EQ(world.find("192.0.2.1")->flags, EndpointFlags{f_subflow});
    ASSERT_TRUE(world.apply().verified);
    ASSERT_EQ(world.find("192.0.2.1")->flags, EndpointFlags{f_signal});
    world.desired.profiles.clear();
    ASSERT_TRUE(world.apply().verified);
    EXPECT_EQ(world.snapshot().endpoints, before.endpoints);
    ASSERT_TRUE(world.reset().verified);
    EXPECT_EQ(world.snapshot(), before);
}

TEST(StandIns, StayWhileTheDeviceIsBeingActivated) {
    SecondInterface world;
    ASSERT_TRUE(world.apply().verified);
    world.profile().activations.clear();
    world.network_manager.state.unsettled = {Ifindex{2}};
    static_cast<void>(world.take_writes());
    EXPECT_TRUE(world.apply().verified);
    EXPECT_NE(world.find("192.0.2.1"), nullptr);
    EXPECT_EQ(world.take_writes(), std::vector<std::string>{});
}

TEST(StandIns, MakeRoomForAPinnedId) {
    SecondInterface world;
    ASSERT_TRUE(world.apply().verified);
    const int id = world.find("192.0.2.1")->id.value;
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    world.desired.endpoints[key("10.0.0.1")].id = EndpointId{static_cast<std::uint8_t>(id)};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.find("10.0.0.1")->id.value, id);
    ASSERT_NE(world.find("192.0.2.1"), nullptr);
    EXPECT_EQ(world.state.saved.stand_ins.count(key("192.0.2.1")), 1U);
}

TEST(StandIns, AreBoundToTheNewDeviceAfterItWasRecreated) {
    SecondInterface world;
    ASSERT_TRUE(world.apply().verified);
    world.links.present[0].ifindex = Ifindex{7};
    world.profile().activations[0].ifindex = Ifindex{7};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && report.changed) << explain(report);
    EXPECT_EQ(world.find("192.0.2.1")->ifindex, Ifindex{7});
}

TEST(Record, ForgetsProfilesThatWereDeleted) {
    SecondInterface world;
    ASSERT_TRUE(world.apply().verified);
    ASSERT_EQ(world.state.saved.profiles.size(), 1U);
    const Profile other = active_profile("other", link(3, "eth1", {}), {});
    world.network_manager.deactivate("eth0");
    world.network_manager.state.profiles = {other};
    world.network_manager.state.is_starting = true;
    static_cast<void>(world.apply());
    EXPECT_EQ(world.state.saved.profiles.size(), 1U) << "a starting one may not have read its profiles";
    world.network_manager.state.is_starting = false;
    static_cast<void>(world.apply());
    EXPECT_TRUE(world.state.saved.profiles.empty());
}

TEST(Record, HasOneValueForBothNamesOfThePathManager) {
    World world;
    const Snapshot before = world.snapshot();
    world.desired.sysctls["pm_type"] = declared("1");
    ASSERT_TRUE(world.apply().verified);
    world.desired.sysctls = {{"path_manager", declared("kernel")}};
    const ApplyReport second = world.apply();
    ASSERT_TRUE(second.verified);
    EXPECT_TRUE(second.warnings.empty()) << explain(second);
    const ApplyReport report = world.reset();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Record, OfAnOlderKeeperWithBothNamesResetsToTheKernelsDefault) {
    World world;
    world.state.saved.sysctls = {
        {"path_manager", {"userspace", "old.yaml:1"}}, {"pm_type", {"0", "old.yaml:1"}}};
    const ApplyReport report = world.reset();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "kernel");
}

} // namespace
} // namespace keeper::test
