// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/declared_sections.hpp"

// The cost of a change follows the change.

namespace keeper::test {
namespace {

/// Everything is declared and applied; reads are counted from here.
struct Idle : DeclaredWorld {
    Idle() : DeclaredWorld(all_sections) {
        desired.reconcile.interval.value = 1h; // no poll
        links.present.push_back(link(9, "veth0", {"172.17.0.1"}));
        settle();
        forget_reads();
    }
    void forget_reads() {
        sysctls.reads = path_manager.reads = links.reads = connections.reads = state.loads = 0;
        network_manager.snapshots = network_manager.refreshes = events.pings = 0;
    }
    /// The kernel announces what a container does.
    void container_appears(int ifindex) {
        const std::string name = "veth" + std::to_string(ifindex);
        const std::string at =
            "172.17." + std::to_string(ifindex / 256) + "." + std::to_string(ifindex % 256);
        links.present.push_back(link(ifindex, name, {at}));
        link_changed({Ifindex{ifindex}, name, std::nullopt});
        link_changed({Ifindex{ifindex}, "", address(at)});
    }
    /// NetworkManager creates a profile in memory for it.
    void container_is_adopted(int ifindex) {
        Profile profile = active_profile("veth" + std::to_string(ifindex), links.present.back(), {});
        profile.skip_reason = "connected (externally)";
        network_manager.state.profiles.push_back(profile);
        announce_profile(profile.uuid);
    }
};

TEST(Incremental, ALinkThatConcernsNoItemCostsNothing) {
    Idle world;
    for (int i = 20; i < 220; ++i) {
        world.container_appears(i);
        world.run_for(1ms);
    }
    EXPECT_EQ(world.reads(), 0);
    EXPECT_EQ(world.events.pings, 0);
    EXPECT_EQ(world.reconciler.state().phase, Phase::idle);
}

TEST(Incremental, WithoutItemsThatNeedLinksNoLinkOrProfileCostsAnything) {
    DeclaredWorld world({DeclaredSection::sysctl, DeclaredSection::limits});
    world.desired.reconcile.interval.value = 1h;
    world.settle();
    const int reads = world.reads();
    world.link_changed({Ifindex{2}, "eth0", address("192.0.2.1")});
    world.announce_profile("uuid-wan");
    world.run_for(5s);
    EXPECT_EQ(world.reads(), reads);
}

TEST(Incremental, ALinkOfAnItemLeadsToOneRoundThatReadsNetworkManagerInPart) {
    Idle world;
    world.link_changed({Ifindex{2}, "", std::nullopt});
    world.run_for(1s);
    EXPECT_EQ(world.links.reads, 1);
    EXPECT_EQ(world.network_manager.refreshes, 1);
    EXPECT_EQ(world.network_manager.snapshots, 0);
    EXPECT_EQ(world.state.loads, 1) << "the record is read once per round";
    EXPECT_EQ(world.connections.reads, 0);
}

TEST(Incremental, AnAddressThatADeclaredEndpointWaitsForLeadsToARound) {
    Idle world;
    world.desired.endpoints[key("172.17.0.30")] = desired_endpoint({f_subflow});
    world.settle();
    EXPECT_EQ(world.find("172.17.0.30"), nullptr);
    world.container_appears(30);
    world.run_for(1ms);
    EXPECT_NE(world.find("172.17.0.30"), nullptr);
}

TEST(Incremental, LostEventsLeadToAFullRound) {
    Idle world;
    world.happened(Event::links_changed);
    world.run_for(1s);
    EXPECT_EQ(world.network_manager.snapshots, 1);
    EXPECT_EQ(world.network_manager.refreshes, 0);
    EXPECT_EQ(world.links.reads, 1);
}

TEST(Incremental, ARestartOfNetworkManagerLeadsToAFullRound) {
    Idle world;
    world.happened(Event::network_manager_changed);
    world.run_for(1s);
    EXPECT_EQ(world.network_manager.snapshots, 1);
    EXPECT_EQ(world.network_manager.refreshes, 0);
}

TEST(Incremental, ARoundThatFailedIsFollowedByAFullOne) {
    Idle world;
    world.state.load_failure = Error{ErrorKind::failed, "disk"};
    world.link_changed({Ifindex{2}, "", std::nullopt});
    world.run_for(10ms);
    EXPECT_EQ(world.network_manager.snapshots, 0);
    world.state.load_failure.reset();
    world.run_for(2s);
    EXPECT_EQ(world.network_manager.snapshots, 1);
}

TEST(Incremental, APokeReadsTheFlagsOfAllActiveDevices) {
    Idle world;
    world.network_manager.state.profiles[0].activations[0].live = {MptcpFlag::disabled}; // not announced
    world.happened(Event::poked);
    world.run_for(1ms);
    EXPECT_EQ(world.network_manager.snapshots, 0);
    EXPECT_EQ(world.state.loads, 2) << "one for each round: sysctls and limits do not wait for its answer";
    EXPECT_EQ(world.network_manager.state.profiles[0].activations[0].live, world.wanted);
}

TEST(Incremental, AProfileThatDoesNotMatterLeadsToAGlanceAndNoRound) {
    Idle world;
    world.container_appears(40);
    world.container_is_adopted(40);
    world.run_for(1s);
    EXPECT_EQ(world.network_manager.refreshes, 1);
    EXPECT_EQ(world.reads(), 1) << "nothing else is read";
    EXPECT_EQ(world.events.pings, 1);
}

TEST(Incremental, AChangedProfileOfARuleIsRepairedAtOnceWithoutASnapshot) {
    Idle world;
    world.network_manager.state.profiles[0].stored = {};
    world.announce_profile("uuid-wan");
    world.run_for(1ms);
    EXPECT_TRUE(world.is_as_declared());
    EXPECT_EQ(world.network_manager.snapshots, 0);
    EXPECT_EQ(world.reconciler.state().repairs, 1U);
}

TEST(Incremental, GlancesAtAStormOfOtherProfilesBecomeRare) {
    Idle world;
    for (int i = 0; i < 500; ++i) {
        world.container_appears(100 + i);
        world.container_is_adopted(100 + i);
        world.run_for(10ms);
    }
    EXPECT_GE(world.network_manager.refreshes, 8);
    EXPECT_LE(world.network_manager.refreshes, 13) << "7 while the pause grows, then one a second";
    EXPECT_EQ(world.links.reads, 0);
    // What matters is found with the next glance.
    world.links.present.push_back(link(90, "eth9", {"192.0.2.9"}));
    world.network_manager.state.profiles.push_back(active_profile("wan", world.links.present.back(), {}));
    world.network_manager.state.profiles.back().uuid = "uuid-second";
    world.announce_profile("uuid-second");
    world.run_for(1s);
    EXPECT_EQ(world.network_manager.state.profiles.back().stored, world.wanted);
}

TEST(Incremental, AFrozenNetworkManagerIsNotQueriedByAGlance) {
    Idle world;
    world.events.frozen = true;
    world.network_manager.state.profiles[0].stored = {};
    world.announce_profile("uuid-wan");
    world.run_for(5s);
    EXPECT_EQ(world.reads(), 0);
    EXPECT_EQ(world.events.pings, 1);
    world.events.frozen = false;
    world.run_for(1ms);
    EXPECT_TRUE(world.is_as_declared());
}

TEST(Incremental, AGlanceThatFailsIsFollowedByAFullRound) {
    Idle world;
    world.network_manager.failure = Error{ErrorKind::timed_out, "no answer"};
    world.announce_profile("uuid-wan");
    world.run_for(1ms);
    world.network_manager.failure.reset();
    world.run_for(5s);
    EXPECT_GE(world.network_manager.snapshots, 1);
    EXPECT_TRUE(world.is_as_declared());
}

TEST(Incremental, EverythingIsReadEveryTenMinutes) {
    DeclaredWorld world(all_sections);
    world.settle();
    const int snapshots = world.network_manager.snapshots;
    world.run_for(9min);
    EXPECT_EQ(world.network_manager.snapshots, snapshots);
    world.network_manager.state.profiles[0].stored = {}; // not announced
    world.waits = 0;
    world.run_for(2min);
    EXPECT_EQ(world.network_manager.snapshots, snapshots + 1);
    EXPECT_TRUE(world.is_as_declared());
    EXPECT_LE(world.waits, 125) << "no wake-up of its own";
}

TEST(Incremental, AChangedEndpointShowsThatItsDeviceMayRunOtherFlags) {
    DeclaredWorld world(all_sections);
    world.settle();
    const int snapshots = world.network_manager.snapshots;
    // Another program reapplies the device: NetworkManager announces neither the flags nor the endpoints.
    const ReapplyRequest other{.interface = "eth0", .uuid = "uuid-wan", .flags = {MptcpFlag::disabled}};
    world.network_manager.state.profiles[0].activations[0].live = other.flags;
    world.network_manager.sync();
    ASSERT_EQ(world.find("192.0.2.1"), nullptr);
    world.run_for(1s);
    EXPECT_EQ(world.network_manager.state.profiles[0].activations[0].live, world.wanted);
    EXPECT_NE(world.find("192.0.2.1"), nullptr);
    EXPECT_EQ(world.network_manager.snapshots, snapshots);
    world.run_for(3s);
    const int refreshes = world.network_manager.refreshes;
    world.run_for(60s);
    EXPECT_EQ(world.network_manager.refreshes, refreshes) << "then it is left alone";
}

TEST(Incremental, ASecondLookNeverReadsEverything) {
    World world;
    furnish(world);
    EXPECT_TRUE(world.apply().changed);
    EXPECT_EQ(world.network_manager.snapshots, 1);
    EXPECT_GE(world.network_manager.refreshes, 1);
    EXPECT_TRUE(world.network_manager.refreshed_devices.count(Ifindex{2})) << "it was reapplied";
    EXPECT_FALSE(world.network_manager.refreshed_devices.count(Ifindex{4}));
}

TEST(Incremental, ANetworkManagerThatWasRestartedDuringAnApplyIsReadWhole) {
    World world;
    furnish(world);
    int left = 2;
    world.network_manager.before_write = [&](std::string_view write) -> std::optional<Error> {
        if (write.starts_with("reapply") && --left == 0) {
            world.network_manager.failure = Error{ErrorKind::unavailable, "NetworkManager is not running"};
        }
        return std::nullopt;
    };
    world.clock.on_wait = [&] { world.network_manager.failure.reset(); };
    left = 1;
    const ApplyReport report = world.apply();
    EXPECT_FALSE(report.failed) << explain(report);
    EXPECT_GE(world.network_manager.snapshots, 2);
}

TEST(Incremental, ASwitchOfMptcpConcernsTheProfilesToo) {
    Idle world;
    world.write_sysctl("enabled", "0"); // not declared
    world.run_for(1s);
    const int reads = world.links.reads;
    EXPECT_GE(reads, 1);
    world.write_sysctl("add_addr_timeout", "30");
    world.run_for(1s);
    EXPECT_EQ(world.links.reads, reads) << "this sysctl does not concern them";
}

} // namespace
} // namespace keeper::test
