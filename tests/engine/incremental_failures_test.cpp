// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/declared_sections.hpp"

// What an event costs, and what it leads to, if something cannot be read or must not be written.

namespace keeper::test {
namespace {

/// As declared, without a poll.
struct Quiet : DeclaredWorld {
    explicit Quiet(Sections declared_sections) : DeclaredWorld(std::move(declared_sections)) {
        desired.reconcile.interval.value = 1h;
        settle();
    }
    void change_other_link() { link_changed({Ifindex{9}, "veth9", address("172.17.0.9")}); }
};

TEST(IncrementalFailures, APausedItemDoesNotDelayTheRepairOfAnother) {
    Quiet world(all_sections);
    // Another program removes the endpoint until its repair is paused.
    for (int i = 0; i < 5; ++i) {
        world.drift(DeclaredSection::endpoints);
        world.happened(Event::poked);
        world.run_for(2s);
    }
    ASSERT_FALSE(world.is_as_declared(DeclaredSection::endpoints));
    ASSERT_EQ(world.reconciler.state().conflicts.size(), 1U);
    ProfileActivation& activation = world.network_manager.state.profiles[0].activations[0];
    activation.live = {MptcpFlag::signal};
    world.network_manager.sync();
    world.events.pending = Event::poked;
    const auto before = world.clock.time;
    world.reconciler.handle(world.events.wait(0ms));
    world.reconciler.step(); // pings
    world.reconciler.handle(world.events.wait(0ms));
    world.reconciler.step();
    EXPECT_EQ(activation.live, world.wanted);
    EXPECT_FALSE(world.is_as_declared(DeclaredSection::endpoints)) << "still paused";
    EXPECT_LT(world.clock.time - before, 20ms) << "nothing is left to wait for";
}

TEST(IncrementalFailures, AfterAGlanceThatTimesOutNetworkManagerIsPingedFirst) {
    Quiet world(all_sections);
    world.events.pings = world.network_manager.refreshes = world.network_manager.snapshots = 0;
    world.announce_profile("uuid-wan");
    world.reconciler.handle(world.events.wait(0ms));
    world.reconciler.step();
    world.network_manager.frozen = world.events.frozen = true; // after it has answered the ping
    world.reconciler.handle(Event::network_manager_ready);
    const auto before = world.clock.time;
    world.reconciler.step();
    EXPECT_EQ(world.network_manager.refreshes, 1);
    EXPECT_EQ(world.events.pings, 2) << "one for the round";
    world.run_for(1min);
    EXPECT_EQ(world.network_manager.refreshes + world.network_manager.snapshots, 1);
    EXPECT_EQ(world.events.pings, 2);
    EXPECT_LE(world.clock.time - before, profile_round_time + 1min) << "one deadline for each ping";
    world.events.frozen = world.network_manager.frozen = false;
    world.run_for(2s);
    EXPECT_EQ(world.network_manager.snapshots, 1);
    EXPECT_TRUE(world.is_as_declared());
}

TEST(IncrementalFailures, WithoutNetworkManagerALinkThatConcernsNoItemCostsNothing) {
    Quiet world(all_sections);
    world.network_manager.failure = Error{ErrorKind::unavailable, "NetworkManager is not running"};
    world.happened(Event::network_manager_changed);
    world.run_for(20s);
    const int reads = world.reads();
    const int pings = world.events.pings;
    for (int i = 0; i < 20; ++i) {
        world.change_other_link();
        world.run_for(100ms);
    }
    EXPECT_EQ(world.reads(), reads);
    EXPECT_EQ(world.events.pings, pings);
    // It returns with another profile.
    world.network_manager.failure.reset();
    world.network_manager.state.profiles[0].stored = {};
    world.happened(Event::network_manager_changed);
    world.run_for(2s);
    EXPECT_TRUE(world.is_as_declared());
    EXPECT_GT(world.reads(), reads);
}

TEST(IncrementalFailures, ItsReturnIsNoticedIfItHasNeverBeenReadSinceTheLoad) {
    Quiet world(all_sections);
    world.network_manager.failure = Error{ErrorKind::unavailable, "NetworkManager is not running"};
    world.load(ReconcileMode::enforce, Reconciler::Cause::reload);
    world.run_for(20s);
    const int reads = world.reads();
    for (int i = 0; i < 20; ++i) {
        world.change_other_link();
        world.run_for(100ms);
    }
    EXPECT_EQ(world.reads(), reads);
    world.network_manager.failure.reset();
    world.network_manager.state.profiles[0].stored = {};
    world.happened(Event::network_manager_changed);
    world.run_for(2s);
    EXPECT_TRUE(world.is_as_declared());
}

TEST(IncrementalFailures, AnUnreadableRecordKeepsWhatItMayDecideDue) {
    DeclaredWorld world({DeclaredSection::sysctl});
    world.desired.reconcile.interval.value = 1h;
    // An earlier declaration had an endpoint, which must be removed.
    world.path_manager.table.push_back(endpoint("203.0.113.9", {f_signal}, 0, 5));
    world.state.saved.endpoints[key("203.0.113.9")].requested = {f_signal};
    world.state.load_failure = Error{ErrorKind::failed, "disk"};
    world.load();
    world.run_for(20s);
    EXPECT_NE(world.find("203.0.113.9"), nullptr);
    EXPECT_NE(world.reconciler.state().phase, Phase::idle);
    world.state.load_failure.reset();
    world.run_for(2s);
    EXPECT_EQ(world.find("203.0.113.9"), nullptr);
    EXPECT_EQ(world.reconciler.state().phase, Phase::idle);
}

TEST(IncrementalFailures, WithAnUnreadableRecordLinksStillConcern) {
    Quiet world({DeclaredSection::sysctl});
    world.state.load_failure = Error{ErrorKind::failed, "disk"};
    world.load(ReconcileMode::enforce, Reconciler::Cause::reload);
    world.run_for(5s);
    const int loads = world.state.loads;
    world.change_other_link();
    world.run_for(5s);
    EXPECT_GT(world.state.loads, loads);
}

} // namespace
} // namespace keeper::test
