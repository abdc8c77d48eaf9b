// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;

TEST(Reset, RestoresEverythingAndForgets) {
    World world;
    furnish(world);
    const Snapshot before = world.snapshot();
    static_cast<void>(world.apply());
    ASSERT_NE(world.snapshot(), before);
    const ApplyReport report = world.reset();
    EXPECT_TRUE(report.verified && report.changed && !report.failed) << explain(report);
    EXPECT_EQ(world.snapshot(), before);
    EXPECT_TRUE(world.state.saved.empty());
    static_cast<void>(world.take_writes());
    static_cast<void>(world.reset());
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(Reset, GivesADisplacedEndpointItsIdBackIfItIsFree) {
    World world;
    const std::vector<Endpoint> before{
        endpoint("10.0.0.1", {f_signal}, 0, 3), endpoint("10.0.0.2", {f_signal}, 0, 9)};
    world.path_manager.table = before;
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    static_cast<void>(world.apply());
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.path_manager.table, before);
}

TEST(Reset, RestoresTheFirstValueNotTheLast) {
    World world;
    for (const char* value : {"30", "40", "50"}) {
        world.desired.sysctls["add_addr_timeout"] = declared(value);
        static_cast<void>(world.apply());
    }
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "120");
}

TEST(Reset, AlsoRestoresWhatIsNoLongerDeclared) {
    World world;
    furnish(world);
    const Snapshot before = world.snapshot();
    static_cast<void>(world.apply());
    world.desired = {};
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30") << "what is not declared is not touched";
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Reset, WritesNothingIfNothingWasEverChanged) {
    World world;
    furnish(world);
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(Reset, WithoutNetworkManagerKeepsTheRecordAndCanBeRepeated) {
    World world;
    furnish(world);
    const Snapshot before = world.snapshot();
    static_cast<void>(world.apply());
    world.network_manager.failure = Error{ErrorKind::unavailable, "NetworkManager is not running"};
    EXPECT_TRUE(world.reset().failed);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "120");
    EXPECT_FALSE(world.state.saved.profiles.empty());
    world.network_manager.failure.reset();
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Reset, AfterAFailureDisplacedEndpointsAreNotTheKeepers) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    world.network_manager.failure = Error{ErrorKind::unavailable, "NetworkManager is not running"};
    EXPECT_TRUE(world.reset().failed);
    ASSERT_EQ(world.find("203.0.113.1")->flags, EndpointFlags{f_subflow}) << "it was restored";
    world.network_manager.failure.reset();
    world.desired = {};
    static_cast<void>(world.apply());
    EXPECT_NE(world.find("203.0.113.1"), nullptr) << "it is a foreign endpoint again";
}

TEST(Reset, ADisplacedEndpointWhoseAddressIsMissingIsNotForgotten) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    const Link eth2 = world.links.present.back();
    world.links.present.back().addresses.clear();
    static_cast<void>(world.reset());
    world.links.present.back() = eth2;
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.find("203.0.113.1")->flags, EndpointFlags{f_subflow});
}

TEST(Reset, AfterARefusedSaveAtTheEndItCanBeRepeated) {
    World world;
    furnish(world);
    const Snapshot before = world.snapshot();
    static_cast<void>(world.apply());
    world.state.fail_write(2);
    static_cast<void>(world.engine().reset());
    world.state.before_write = nullptr;
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Reset, LeavesAnEndpointThatAnotherProgramHasChanged) {
    World world;
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    static_cast<void>(world.apply());
    world.path_manager.table[0].flags = {f_subflow};
    static_cast<void>(world.reset());
    EXPECT_NE(world.find("10.0.0.1"), nullptr);
}

} // namespace
} // namespace keeper::test
