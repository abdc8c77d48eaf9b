// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/random_world.hpp"

// Live connections and rp_filter are read only if a plan depends on them.

namespace keeper::test {
namespace {

const Error unreadable{ErrorKind::failed, "no access"};

TEST(OnDemand, AnApplyWithNothingToDoDoesNotReadConnections) {
    World world;
    furnish(world);
    // A device that waits for its next activation is reported in each plan, with rp_filter.
    world.network_manager.state.profiles[0].activations[0].reapply_disturbs = false;
    static_cast<void>(world.apply());
    world.connections.reads = world.links.rp_filter_reads = 0;
    world.connections.failure = unreadable;
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && !report.changed) << explain(report);
    EXPECT_EQ(world.connections.reads, 0);
    EXPECT_EQ(world.links.rp_filter_reads, 0);
    EXPECT_EQ(explain(report).find("connections"), std::string::npos) << explain(report);
}

TEST(OnDemand, ConnectionsAreReadOnceForAPlanThatRemovesAnEndpoint) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 1)};
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    world.connections.present = {connection_from("10.0.0.1", "192.0.2.9")};
    const ApplyReport report = world.apply();
    ASSERT_EQ(report.changes.size(), 1U);
    EXPECT_EQ(report.changes[0].change.connections_affected, 1U);
    EXPECT_EQ(report.changes[0].change.note, "by netlink");
    EXPECT_EQ(world.connections.reads, 1);
}

TEST(OnDemand, AnAdditionDoesNotReadConnections) {
    World world;
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    EXPECT_TRUE(world.apply().changed);
    EXPECT_EQ(world.connections.reads, 0);
}

TEST(OnDemand, AReadThatIsAlwaysWantedIsNotRepeated) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 1)};
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    world.connections.failure = unreadable;
    auto found = world.engine().observe({}, {.connections = Look::Connections::always});
    ASSERT_TRUE(found);
    EXPECT_EQ(world.connections.reads, 1);
    const Plan plan = world.engine().plan(world.desired, *found, {});
    EXPECT_EQ(world.connections.reads, 1) << "a failure is not repeated either";
    ASSERT_EQ(plan.changes.size(), 1U);
    EXPECT_NE(plan.changes[0].note.find(unreadable.message), std::string::npos);
}

TEST(OnDemand, APlanThatDoesNotDependOnConnectionsIsTheSameWithThem) {
    std::uint32_t independent = 0;
    for (std::uint32_t seed = 0; seed < 500 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world;
        Dice dice(seed);
        randomize_host(world, dice);
        for (int step = 0; step < 3; ++step) {
            randomize_declaration(world, dice);
            Observation found = world.engine().observe({}).value();
            Scope scope;
            for (const Endpoint& one : world.path_manager.table) {
                if (dice.below(4) == 0) {
                    scope.tried_too_early.insert(one.key);
                }
            }
            const Plan without = make_plan(world.desired, found.state, found.ownership, scope);
            found.state.connections = random_connections(dice);
            const Plan with = make_plan(world.desired, found.state, found.ownership, scope);
            EXPECT_EQ(without.depends_on.connections || without == with, true);
            independent += without.depends_on.connections ? 0 : 1;
            EXPECT_EQ(with, make_plan(world.desired, found.state, found.ownership, scope));
            static_cast<void>(world.apply());
        }
    }
    EXPECT_GT(independent, 100U);
}

} // namespace
} // namespace keeper::test
