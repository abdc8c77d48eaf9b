// SPDX-License-Identifier: LGPL-2.1-or-later
// The bounds of the running kernel are learned from its refusals, and forgotten when they may no longer
// apply.
#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;
constexpr EndpointFlag f_laminar = EndpointFlag::laminar;

void fill_table(World& world, int count) {
    for (int id = 1; id <= count; ++id) {
        world.path_manager.table.push_back(endpoint("10.0.0." + std::to_string(id), {f_signal}, 0, id));
    }
}

Plan plan_of(World& world) {
    Observation seen = world.engine().observe(Scope{}).value();
    return world.engine().plan(world.desired, seen, Scope{});
}

TEST(KernelBounds, ALimitAboveTheMaximumFailsOnceAndIsThenBlocked) {
    World world;
    world.desired.subflows = declared(16U);
    world.desired.add_addr_accepted = declared(3U);
    EXPECT_EQ(plan_of(world).changes.front().actionability, Actionability::actionable);
    const ApplyReport first = world.apply();
    EXPECT_EQ(outcomes(first), (Names{"limit subflows failed", "limit add_addr_accepted applied"}));
    EXPECT_EQ(first.changes.front().error, "16 exceeds this kernel's maximum of 8");
    const Plan plan = plan_of(world);
    EXPECT_EQ(plan.changes.front().actionability, Actionability::blocked);
    EXPECT_EQ(plan.changes.front().note, "16 exceeds this kernel's maximum of 8");
    EXPECT_FALSE(plan.in_sync());
    static_cast<void>(world.take_writes());
    EXPECT_EQ(outcomes(world.apply()), Names{"limit subflows failed"});
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(KernelBounds, TheMaximumIsKeptWhenEverythingIsReverted) {
    World world;
    world.desired.subflows = declared(16U);
    world.options.atomic = true;
    EXPECT_TRUE(world.apply().failed);
    EXPECT_EQ(plan_of(world).changes.front().actionability, Actionability::blocked);
}

TEST(KernelBounds, ResetForgetsThem) {
    World world;
    world.desired.subflows = declared(16U);
    world.desired.add_addr_accepted = declared(3U);
    static_cast<void>(world.apply());
    EXPECT_FALSE(world.reset().failed);
    EXPECT_EQ(world.state.saved.kernel, KernelBounds{});
}

TEST(KernelBounds, ResetForgetsThemEvenIfNothingElseWasRecorded) {
    World world;
    world.desired.subflows = declared(16U);
    static_cast<void>(world.apply());
    ASSERT_EQ(world.state.saved.kernel.limit_maximum, 8U);
    EXPECT_FALSE(world.reset().failed);
    EXPECT_EQ(world.state.saved.kernel, KernelBounds{});
}

TEST(KernelBounds, AKernelWithALargeTableGetsAHundredEndpoints) {
    World world;
    world.path_manager.capacity = 255;
    for (int i = 1; i <= 100; ++i) {
        world.desired.endpoints[key("192.0.2." + std::to_string(i))] = desired_endpoint({f_signal});
    }
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && !report.failed) << explain(report);
    EXPECT_EQ(world.path_manager.table.size(), 100U);
    EXPECT_EQ(world.state.saved.kernel.endpoint_capacity, std::nullopt);
}

TEST(KernelBounds, TheTableHoldsAtLeastEightAfterARefusal) {
    World world;
    fill_table(world, 8);
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_signal});
    // NetworkManager replaces an endpoint: it is missing at the moment when the keeper counts.
    world.path_manager.before_write = [&, is_first = true](std::string_view) mutable {
        if (!std::exchange(is_first, false)) {
            return std::optional<Error>();
        }
        world.path_manager.table.resize(4);
        return std::optional<Error>({ErrorKind::table_full, "the table is full"});
    };
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.1 applied"});
    EXPECT_EQ(world.state.saved.kernel.endpoint_capacity, 8U);
}

TEST(KernelBounds, ALargerTableReplacesTheRecordedCapacity) {
    World world;
    world.path_manager.capacity = 255;
    fill_table(world, 9);
    world.state.saved.kernel.endpoint_capacity = 8;
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_signal});
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.1 applied"});
    EXPECT_EQ(world.state.saved.kernel.endpoint_capacity, std::nullopt);
}

TEST(KernelBounds, ARecordedCapacityBelowEightIsIgnored) {
    World world;
    fill_table(world, 3);
    world.state.saved.kernel.endpoint_capacity = 3;
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_signal});
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.1 applied"});
}

TEST(KernelBounds, ADuplicateIsNotAFullTable) {
    World world;
    world.path_manager.fail_write_of(
        "add 192.0.2.1", {ErrorKind::failed, "an endpoint with this address already exists"});
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_signal});
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.1 failed"});
    EXPECT_EQ(world.state.saved.kernel.endpoint_capacity, std::nullopt);
}

TEST(KernelBounds, AnEndpointForNetworkManagerThatDoesNotFitIsDeferred) {
    World world;
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.network_manager.state.profiles = {active_profile("dyn", world.links.present[0], {})};
    world.network_manager.state.profiles[0].activations[0].reapply_disturbs = true;
    world.desired.profiles = {rule("*", MptcpFlags{MptcpFlag::signal})};
    fill_table(world, 8);
    const ApplyReport report = world.apply();
    EXPECT_FALSE(report.failed) << explain(report);
    EXPECT_EQ(world.find("192.0.2.1"), nullptr);
    static_cast<void>(world.take_writes());
    EXPECT_FALSE(world.apply().failed);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(KernelBounds, AFlagThatTheKernelKeepsIsRestoredIfAnotherProgramRemovesIt) {
    World world;
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_subflow, f_laminar});
    static_cast<void>(world.apply());
    ASSERT_EQ(world.find("192.0.2.1")->flags, (EndpointFlags{f_subflow, f_laminar}));
    world.path_manager.table[0].flags = {f_subflow};
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.1 applied"});
    EXPECT_EQ(world.find("192.0.2.1")->flags, (EndpointFlags{f_subflow, f_laminar}));
}

TEST(KernelBounds, ADroppedFlagDoesNotStopOtherChangesInPlace) {
    World world;
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.path_manager.known_flags = EndpointFlags::from_raw(31);
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_subflow, f_laminar});
    static_cast<void>(world.apply());
    world.desired.endpoints[key("192.0.2.1")] = desired_endpoint({f_subflow, f_backup, f_laminar});
    static_cast<void>(world.take_writes());
    EXPECT_EQ(outcomes(world.apply()), Names{"endpoint 192.0.2.1 unsupported"});
    EXPECT_EQ(world.find("192.0.2.1")->flags, (EndpointFlags{f_subflow, f_backup}));
    const Names writes = world.take_writes();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "remove 192.0.2.1"), 0);
}

class LaminarByNetworkManager : public testing::TestWithParam<std::uint32_t> {};

/// NetworkManager 1.56 and later request laminar by default. Kernels drop or keep it, regardless of their
/// release.
TEST_P(LaminarByNetworkManager, IsInSyncWhetherTheKernelKeepsOrDropsIt) {
    World world;
    world.kernel_release = "6.12.40";
    world.network_manager.state.version = "1.56.0";
    world.network_manager.state.default_flags =
        MptcpFlags{MptcpFlag::enabled, MptcpFlag::subflow, MptcpFlag::laminar};
    world.path_manager.known_flags = EndpointFlags::from_raw(GetParam());
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.network_manager.state.profiles = {active_profile("wan", world.links.present[0], {})};
    world.network_manager.activate_all();
    ASSERT_NE(world.find("192.0.2.1"), nullptr);
    world.desired.profiles = {rule("*", MptcpFlags{})};
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), Names{}) << explain(report);
    EXPECT_TRUE(plan_of(world).in_sync());
}

INSTANTIATE_TEST_SUITE_P(Kernels, LaminarByNetworkManager, testing::Values(15U, 31U, 63U));

} // namespace
} // namespace keeper::test
