// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/declared_sections.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;
constexpr const char* timeout_key = "net.mptcp.add_addr_timeout";

/// The declaration has been applied and logged.
struct Settled : DeclaredWorld {
    explicit Settled(const Sections& declared_sections, ReconcileMode mode = ReconcileMode::enforce)
        : DeclaredWorld(declared_sections) {
        settle();
        if (mode != ReconcileMode::enforce) {
            load(mode, Reconciler::Cause::adopted);
            run_for(3s);
            static_cast<void>(notices.take());
            static_cast<void>(take_writes());
        }
    }
    [[nodiscard]] Lines sorted_lines() {
        Lines lines = notices.take();
        std::sort(lines.begin(), lines.end());
        return lines;
    }
};

INSTANTIATE_TEST_SUITE_P(Daemon, AnySections, testing::ValuesIn(subsets_with()), parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Daemon, WithSysctl, testing::ValuesIn(subsets_with({DeclaredSection::sysctl})), parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Daemon, WithLimits, testing::ValuesIn(subsets_with({DeclaredSection::limits})), parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Daemon, WithEndpoints, testing::ValuesIn(subsets_with({DeclaredSection::endpoints})), parameter_name);
INSTANTIATE_TEST_SUITE_P(
    Daemon, WithProfiles, testing::ValuesIn(subsets_with({DeclaredSection::profiles})), parameter_name);

TEST_P(AnySections, LogsWhatItAppliesAtStartAndThenWritesNothing) {
    DeclaredWorld fresh(GetParam());
    fresh.load();
    fresh.run_for(3s);
    Lines lines = fresh.notices.take();
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines, fresh.a_line_each("applied"));

    Settled world(GetParam());
    const int snapshots = world.network_manager.snapshots;
    world.waits = 0;
    world.run_for(100s);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.notices.take(), Lines{});
    EXPECT_LE(world.waits, 102) << "once per interval";
    EXPECT_LE(world.network_manager.snapshots, snapshots + 1) << "NetworkManager is left alone";
    EXPECT_EQ(world.reconciler.state().phase, Phase::idle);
}

TEST_P(AnySections, RepairsAndCountsDrift) {
    Settled world(GetParam());
    world.drift_all();
    world.run_for(1s);
    EXPECT_TRUE(world.is_as_declared());
    EXPECT_EQ(world.sorted_lines(), world.a_line_each("repaired"));
    EXPECT_EQ(world.reconciler.state().repairs, world.sections.size());
    EXPECT_EQ(world.reconciler.last_repairs().size(), world.sections.size());
}

TEST_P(WithSysctl, RepairsASysctlAtOnceAndWithoutNetworkManager) {
    Settled world(GetParam());
    const int pings = world.events.pings;
    world.write_sysctl("add_addr_timeout", "99");
    world.run_for(1ms);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
    EXPECT_EQ(world.notices.take(), Lines{std::string("repaired ") + timeout_key});
    EXPECT_EQ(world.events.pings, pings);
    ASSERT_EQ(world.reconciler.last_repairs().size(), 1U);
    EXPECT_EQ(world.reconciler.last_repairs()[0].change.before, Value(std::string("99")));
}

TEST_P(WithProfiles, RepairsAProfileAtOnce) {
    Settled world(GetParam());
    world.drift(DeclaredSection::profiles);
    world.run_for(1ms);
    EXPECT_TRUE(world.is_as_declared(DeclaredSection::profiles));
    EXPECT_EQ(world.notices.take(), Lines{"repaired uuid-wan"});
}

TEST_P(WithLimits, RepairsLimitsWithinTheInterval) {
    Settled world(GetParam());
    world.path_manager.current_limits.subflows = 1;
    world.run_for(1s);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
    EXPECT_EQ(world.notices.take(), Lines{"repaired subflows"});
}

TEST_P(WithEndpoints, RepairsEndpointsWithinTheInterval) {
    Settled world(GetParam());
    world.drift(DeclaredSection::endpoints);
    world.run_for(1s);
    EXPECT_NE(world.find("203.0.113.9"), nullptr);
    EXPECT_EQ(world.notices.take(), Lines{"repaired 203.0.113.9"});
}

TEST_P(WithLimits, PollsNoMoreOftenThanTheInterval) {
    Settled world(GetParam());
    world.desired.reconcile.interval.value = 60s;
    world.load();
    world.run_for(61s);
    world.path_manager.current_limits.subflows = 1;
    world.run_for(58s);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 1U);
    world.run_for(2s);
    EXPECT_EQ(world.path_manager.current_limits.subflows, 4U);
}

TEST_P(WithLimits, ALimitThatDriftsJustBeforeASysctlIsStillRepaired) {
    Settled world(GetParam());
    world.path_manager.current_limits.subflows = 1;
    world.write_sysctl("add_addr_timeout", "99");
    world.run_for(1s);
    EXPECT_TRUE(world.is_as_declared());
}

TEST_P(WithLimits, ALimitThatDriftsWhileARoundGoesOnIsStillRepaired) {
    for (int moment = 1; moment < 9; ++moment) {
        Settled world(GetParam());
        world.path_manager.current_limits.subflows = 1;
        int reads = 0;
        world.path_manager.on_limits_read = [&] {
            if (++reads == moment) {
                world.path_manager.current_limits.subflows = 2;
            }
        };
        world.run_for(5s);
        EXPECT_EQ(world.path_manager.current_limits.subflows, 4U) << "before read " << moment;
    }
}

TEST_P(WithSysctl, RepairsTheAliasThatInotifyDoesNotReport) {
    Settled world(GetParam());
    world.desired.sysctls["path_manager"] = declared("kernel");
    world.load();
    world.run_for(1s);
    world.sysctls.values["pm_type"] = "1";
    world.sysctls.values["path_manager"] = "userspace"; // no event
    world.run_for(1s);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "kernel");
}

TEST(Reconciler, ASchedulerThatIsRegisteredLaterIsSetWithoutAnEvent) {
    ReconciledWorld world;
    world.desired.sysctls["scheduler"] = declared("bpf_red");
    world.load();
    world.run_for(5s);
    EXPECT_EQ(world.sysctls.values.at("scheduler"), "default");
    EXPECT_LE(world.waits, 10) << "a round for what is not available";
    world.sysctls.values["available_schedulers"] = "default bpf_red"; // no event
    world.run_for(2s);
    EXPECT_EQ(world.sysctls.values.at("scheduler"), "bpf_red");
}

TEST(Reconciler, APathManagerIsSetOnceItIsAvailable) {
    ReconciledWorld world;
    world.desired.sysctls["path_manager"] = declared("bpf_mesh");
    world.load();
    world.run_for(2s);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "kernel");
    world.sysctls.values["available_path_managers"] = "kernel userspace bpf_mesh"; // no event
    world.run_for(2s);
    EXPECT_EQ(world.sysctls.values.at("path_manager"), "bpf_mesh");
}

TEST_P(AnySections, WhatIsNotDeclaredIsLeftAlone) {
    Settled world(GetParam());
    world.write_sysctl("blackhole_timeout", "5"); // not declared
    for (const DeclaredSection section : all_sections) {
        if (!world.declares(section)) {
            world.drift(section);
        }
    }
    world.run_for(2s);
    EXPECT_EQ(world.notices.take(), Lines{});
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.sysctls.values.at("blackhole_timeout"), "5");
}

TEST_P(AnySections, ModeReportLogsEachDriftOnceAndChangesNothing) {
    Settled world(GetParam(), ReconcileMode::report);
    for (int i = 0; i < 5; ++i) {
        world.drift_all();
        world.run_for(3s);
    }
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.sorted_lines(), world.a_line_each("drifted"));
    EXPECT_EQ(world.reconciler.state().repairs, 0U);
}

TEST_P(AnySections, ModeReportLogsADriftAgainAfterItWasInSync) {
    for (const DeclaredSection section : GetParam()) {
        Settled world(GetParam(), ReconcileMode::report);
        for (int i = 0; i < 2; ++i) {
            world.drift(section);
            world.run_for(3s);
            world.repair(section);
            world.run_for(3s);
        }
        EXPECT_EQ(world.notices.take(), Lines(2, "drifted " + DeclaredWorld::key_of(section)));
    }
}

TEST_P(AnySections, ModeManualActsOnlyOnAReload) {
    Settled world(GetParam(), ReconcileMode::manual);
    world.drift_all();
    world.happened(Event::poked);
    world.happened(Event::links_changed);
    world.run_for(30s);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.notices.take(), Lines{});
    world.load(ReconcileMode::manual, Reconciler::Cause::reload);
    world.run_for(1s);
    EXPECT_TRUE(world.is_as_declared());
    static_cast<void>(world.take_writes());
    world.drift_all();
    world.run_for(100s);
    EXPECT_EQ(world.take_writes(), Lines{});
}

TEST_P(WithSysctl, ModeManualNeitherRetriesNorReportsFailures) {
    Settled world(GetParam(), ReconcileMode::manual);
    world.drift_all();
    world.sysctls.fail_write_of("write add_addr_timeout");
    world.load(ReconcileMode::manual, Reconciler::Cause::reload);
    world.run_for(100s);
    Lines lines = world.notices.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), std::string("failed ") + timeout_key), 1);
    for (const std::string& line : lines) {
        EXPECT_FALSE(line.starts_with("drifted")) << line;
    }
    EXPECT_EQ(world.count_writes("write add_addr_timeout"), 1U);
}

TEST_P(AnySections, ModeManualDoesNothingAtStart) {
    DeclaredWorld world(GetParam());
    world.load(ReconcileMode::manual, Reconciler::Cause::start);
    world.run_for(10s);
    EXPECT_EQ(world.take_writes(), Lines{});
}

TEST_P(AnySections, BacksOffFromARivalAndNamesIt) {
    for (const DeclaredSection disputed : GetParam()) {
        SCOPED_TRACE(name_of(disputed));
        Settled world(GetParam());
        std::size_t written = 0;
        for (int second = 0; second < 60; ++second) {
            world.drift(disputed);
            world.run_for(1s);
            written += world.count_writes(DeclaredWorld::write_of(disputed));
        }
        EXPECT_GE(written, 4U);
        EXPECT_LE(written, 6U) << "3, then after 10, 20 and 40 s";
        const ReconcilerState state = world.reconciler.state();
        EXPECT_EQ(state.phase, Phase::backing_off);
        EXPECT_EQ(state.repairs, written);
        ASSERT_EQ(state.conflicts.size(), 1U);
        EXPECT_EQ(state.conflicts[0].conflict.item.key, DeclaredWorld::key_of(disputed));
        EXPECT_EQ(state.conflicts[0].rival, "mptcpd (pid 7)");
        EXPECT_EQ(
            world.notices.take()[3],
            "backed off " + DeclaredWorld::key_of(disputed) + " from mptcpd (pid 7) for 10 s");
        // Other items are still repaired.
        for (const DeclaredSection other : GetParam()) {
            if (other != disputed) {
                world.drift(other);
                world.run_for(1s);
                EXPECT_TRUE(world.is_as_declared(other)) << name_of(other);
            }
        }
    }
}

TEST_P(AnySections, RepairsAtTheEndOfAPauseWhatDriftedDuringIt) {
    for (const DeclaredSection disputed : GetParam()) {
        SCOPED_TRACE(name_of(disputed));
        Settled world(GetParam());
        for (int i = 0; i < 4; ++i) {
            world.drift(disputed);
            world.run_for(1s);
        }
        EXPECT_FALSE(world.is_as_declared(disputed)) << "its repairs are paused";
        world.run_for(10s);
        EXPECT_TRUE(world.is_as_declared(disputed)) << "without any event";
    }
}

TEST_P(WithLimits, AnItemThatIsRevertedAtOnceIsAConflictToo) {
    Settled world(GetParam());
    world.path_manager.on_limits_read = [&] { world.path_manager.current_limits.subflows = 1; };
    world.run_for(9s);
    EXPECT_LE(world.count_writes("set-limits"), 12U);
    EXPECT_EQ(
        world.notices.take(), (Lines{"failed subflows", "backed off subflows from mptcpd (pid 7) for 10 s"}));
    ASSERT_EQ(world.reconciler.state().conflicts.size(), 1U);
}

TEST_P(WithLimits, AnItemThatIsRevertedSinceTheLoadIsAConflictToo) {
    DeclaredWorld world(GetParam());
    world.path_manager.on_limits_read = [&] { world.path_manager.current_limits.subflows = 1; };
    world.load();
    world.run_for(12s);
    ASSERT_EQ(world.reconciler.state().conflicts.size(), 1U);
}

TEST_P(AnySections, AReloadForgetsConflicts) {
    for (const DeclaredSection disputed : GetParam()) {
        Settled world(GetParam());
        for (int i = 0; i < 4; ++i) {
            world.drift(disputed);
            world.run_for(1s);
        }
        ASSERT_FALSE(world.reconciler.state().conflicts.empty());
        world.load(ReconcileMode::enforce, Reconciler::Cause::reload);
        world.run_for(10ms);
        EXPECT_TRUE(world.reconciler.state().conflicts.empty());
        EXPECT_TRUE(world.is_as_declared(disputed));
    }
}

TEST_P(AnySections, WaitsForAnApplyThatHoldsTheLock) {
    Settled world(GetParam());
    world.lock.taken = true;
    world.drift_all();
    world.waits = 0;
    world.run_for(2s);
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_LE(world.waits, 110);
    world.lock.taken = false;
    world.run_for(30ms);
    EXPECT_TRUE(world.is_as_declared());
}

TEST_P(WithSysctl, ARecordThatCannotBeReadIsLoggedOnceAndTriedAgain) {
    Settled world(GetParam());
    world.state.load_failure = Error{ErrorKind::failed, "disk"};
    world.write_sysctl("add_addr_timeout", "99");
    world.waits = 0;
    world.run_for(20s);
    EXPECT_EQ(world.notices.take(), Lines{"warning disk"});
    EXPECT_LE(world.waits, 50);
    world.state.load_failure.reset();
    world.run_for(1s);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

TEST_P(AnySections, AFailureIsRetriedAndLoggedOnceUntilItComesBack) {
    for (const DeclaredSection section : GetParam()) {
        SCOPED_TRACE(name_of(section));
        Settled world(GetParam());
        for (int time = 0; time < 2; ++time) {
            world.on_every_write([&](std::string_view write) -> std::optional<Error> {
                return write == DeclaredWorld::write_of(section)
                           ? std::optional(Error{ErrorKind::failed, "no"})
                           : std::nullopt;
            });
            world.drift(section);
            world.run_for(30s);
            EXPECT_EQ(world.notices.take(), Lines{"failed " + DeclaredWorld::key_of(section)});
            EXPECT_LE(world.count_writes(DeclaredWorld::write_of(section)), 6U);
            world.on_every_write(nullptr);
            world.repair(section); // another program does
            world.run_for(60s);
            EXPECT_TRUE(world.is_as_declared(section));
            EXPECT_EQ(world.notices.take(), Lines{});
        }
    }
}

} // namespace
} // namespace keeper::test
