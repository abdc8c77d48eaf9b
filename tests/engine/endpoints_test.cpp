// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;

TEST(ApplyEndpoints, AFullTableDefersAndIsRemembered) {
    World world;
    for (int i = 1; i <= 7; ++i) {
        world.path_manager.table.push_back(endpoint("10.0.0." + std::to_string(i), {f_signal}, 0, i));
    }
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_signal});
    world.desired.endpoints[key("192.0.2.2")] = desired_endpoint({f_signal});
    const ApplyReport first = world.apply();
    EXPECT_EQ(outcomes(first), (Names{"endpoint 192.0.2.1 applied", "endpoint 192.0.2.2 deferred"}));
    EXPECT_TRUE(first.verified && !first.failed) << explain(first);
    EXPECT_EQ(world.state.saved.kernel.endpoint_capacity, 8U);
    EXPECT_EQ(world.state.saved.endpoints.count(key("192.0.2.2")), 0U);
    static_cast<void>(world.take_writes());
    const ApplyReport second = world.apply();
    EXPECT_EQ(world.take_writes(), Names{});
    EXPECT_EQ(outcomes(second), Names{"endpoint 192.0.2.2 deferred"});
    world.path_manager.table.erase(world.path_manager.table.begin());
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.2 applied"});
}

TEST(ApplyEndpoints, AnImplicitOneIsNotReplacedWhileTheTableIsFull) {
    World world;
    for (int i = 1; i <= 8; ++i) {
        world.path_manager.table.push_back(endpoint("10.0.0." + std::to_string(i), {f_signal}, 0, i));
    }
    world.path_manager.table[7].flags = {EndpointFlag::implicit};
    world.desired.endpoints[key("10.0.0.8")] = desired_endpoint({f_signal});
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 10.0.0.8 deferred"});
    static_cast<void>(world.take_writes());
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 10.0.0.8 deferred"});
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(ApplyEndpoints, AFlagThatTheKernelDropsIsUnsupportedAndNotTriedAgain) {
    World world;
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.path_manager.known_flags = EndpointFlags::from_raw(31);
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_subflow, EndpointFlag::laminar});
    const ApplyReport first = world.apply();
    EXPECT_EQ(outcomes(first), Names{"endpoint 192.0.2.1 unsupported"});
    EXPECT_TRUE(first.changed && !first.failed && first.verified) << explain(first);
    static_cast<void>(world.take_writes());
    const ApplyReport second = world.apply();
    EXPECT_EQ(outcomes(second), Names{"endpoint 192.0.2.1 unsupported"});
    EXPECT_FALSE(second.changed);
    EXPECT_EQ(world.take_writes(), Names{});
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.find("192.0.2.1"), nullptr);
}

TEST(ApplyEndpoints, AForeignOneIsNeverDeleted) {
    World world;
    world.path_manager.table = {
        endpoint("10.0.0.1", {f_signal}, 0, 1), endpoint("10.0.0.2", {f_signal}, 0, 2)};
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    EXPECT_TRUE(world.apply().verified);
    world.desired.endpoints.clear();
    EXPECT_TRUE(world.apply().verified);
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.path_manager.table.size(), 2U);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(ApplyEndpoints, AForeignOneThatAppearsJustBeforeTheAdditionIsNotTheKeepers) {
    World world;
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 7)};
        return std::nullopt;
    };
    EXPECT_TRUE(world.apply().verified);
    world.sysctls.before_write = nullptr;
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.path_manager.table.size(), 1U);
}

TEST(ApplyEndpoints, RemovingOneThatHasVanishedIsSuccess) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 1)};
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        world.path_manager.table.clear();
        return std::nullopt;
    };
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && !report.failed) << explain(report);
}

TEST(ApplyEndpoints, OneThatVanishesBeforeItsEditIsAddedInTheNextRound) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 1)};
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal, f_backup});
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        world.path_manager.table.clear();
        return std::nullopt;
    };
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed || report.verified) << explain(report);
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.find("10.0.0.1")->flags, (EndpointFlags{f_signal, f_backup}));
}

TEST(ApplyEndpoints, AnIdThatAForeignOneHasTakenIsNotDeleted) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 5)};
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        world.path_manager.table = {
            endpoint("10.9.9.9", {f_signal}, 0, 5), endpoint("10.0.0.1", {f_signal}, 0, 6)};
        return std::nullopt;
    };
    EXPECT_TRUE(world.apply().verified);
    ASSERT_EQ(world.path_manager.table.size(), 1U);
    EXPECT_EQ(to_string(world.path_manager.table[0].key), "10.9.9.9");
}

TEST(ApplyEndpoints, AForeignOneThatHasTakenTheIdKeepsItsFlags) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 5)};
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal, f_backup});
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        world.path_manager.table = {endpoint("10.9.9.9", {f_signal}, 0, 5)};
        return std::nullopt;
    };
    static_cast<void>(world.apply());
    EXPECT_EQ(world.find("10.9.9.9")->flags, EndpointFlags{f_signal});
}

TEST(ApplyEndpoints, AFailedReplacementRestoresTheOldOne) {
    World world;
    world.links.present = {link(2, "eth0", {"10.0.0.1"})};
    world.path_manager.table = {endpoint("10.0.0.1", {f_subflow}, 0, 5)};
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    int additions = 0;
    world.path_manager.before_write = [&](std::string_view write) -> std::optional<Error> {
        const bool fails = write == "add 10.0.0.1" && ++additions == 1;
        return fails ? std::optional(Error{ErrorKind::failed, "no"}) : std::nullopt;
    };
    EXPECT_TRUE(world.apply().failed);
    EXPECT_EQ(world.path_manager.table, (std::vector{endpoint("10.0.0.1", {f_subflow}, 0, 5)}));
    EXPECT_TRUE(world.state.saved.displaced.empty() && world.state.saved.endpoints.empty());
}

TEST(ApplyEndpoints, AReplacementThatLosesTheOldOneCanStillBeReset) {
    World world;
    world.links.present = {link(2, "eth0", {"10.0.0.1"})};
    world.path_manager.table = {endpoint("10.0.0.1", {f_subflow}, 0, 5)};
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    world.path_manager.fail_write_of("add 10.0.0.1");
    EXPECT_TRUE(world.apply().failed);
    world.path_manager.before_write = nullptr;
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.path_manager.table, (std::vector{endpoint("10.0.0.1", {f_subflow}, 0, 5)}));
}

TEST(ApplyEndpoints, PinnedIdsMayMoveInOneApply) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 5)};
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    world.desired.endpoints[key("10.0.0.1")].id = EndpointId{6};
    world.desired.endpoints[key("10.0.0.2")] = desired_endpoint({f_signal});
    world.desired.endpoints[key("10.0.0.2")].id = EndpointId{5};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.find("10.0.0.1")->id.value, 6);
    EXPECT_EQ(world.find("10.0.0.2")->id.value, 5);
}

} // namespace
} // namespace keeper::test
