// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/trying.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;

TEST(Try, TheDaemonEnforcesTheCandidateUntilItIsConfirmedAndAfterwards) {
    Trying world;
    const auto begun = world.try_file(5);
    ASSERT_TRUE(begun && *begun) << (begun ? "" : begun.error().message);
    EXPECT_FALSE((*begun)->report.failed) << explain((*begun)->report);
    EXPECT_EQ(world.try_clock.started, 1);
    EXPECT_TRUE(world.shows(5));
    EXPECT_EQ(world.record.fingerprint, "v5");
    EXPECT_EQ(world.record.tried_file, "/root/candidate.yaml");
    world.run_for(60s);
    EXPECT_EQ(world.record.repairs, 0U);
    world.sysctls.values["add_addr_timeout"] = "999"; // drift while pending
    world.happened(Event::sysctls_changed);
    world.run_for(1s);
    EXPECT_TRUE(world.shows(5));
    ASSERT_TRUE(world.confirm());
    world.run_for(20min);
    EXPECT_TRUE(world.shows(5));
    EXPECT_EQ(world.record.tried_file, "/root/candidate.yaml");
    EXPECT_EQ(world.tries.stored, "");
    world.turn(Events{Event::reload});
    world.run_for(3s);
    EXPECT_TRUE(world.shows(1)) << "a reload loads the files on disk";
    EXPECT_EQ(world.record.tried_file, "");
}

TEST(Try, ARevertRestoresTheHostAndTheDaemonEnforcesTheEarlierFilesAgain) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    const auto report = world.revert();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified && !report->failed) << explain(*report);
    EXPECT_EQ(world.record.fingerprint, "v1");
    world.expect_restored();
    world.sysctls.values["add_addr_timeout"] = "999";
    world.happened(Event::sysctls_changed);
    world.run_for(1s);
    EXPECT_EQ(world.snapshot(), world.before) << "version 1 is enforced";
}

TEST(Try, FilesOnDiskThatWereTakenBackApplyOnlyOnRequest) {
    Trying world;
    world.edit_files();
    ASSERT_TRUE(world.try_files());
    EXPECT_TRUE(world.shows(2));
    ASSERT_TRUE(world.revert());
    world.expect_restored();
    world.start_daemon(); // killed and restarted
    world.run_for(3s);
    EXPECT_EQ(world.snapshot(), world.before);
    EXPECT_EQ(world.record.fingerprint, "v1");
    world.turn(Events{Event::reload});
    world.run_for(3s);
    EXPECT_TRUE(world.shows(2));
}

TEST(Try, FilesThatWereTakenBackAreNotAppliedByADaemonThatKnowsNoEarlierOnes) {
    HandOverWorld world;
    const Snapshot before = world.snapshot();
    ASSERT_TRUE(world.try_files()); // no daemon runs
    EXPECT_TRUE(world.shows(1));
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.snapshot(), before);
    world.start_daemon();
    world.run_for(10min);
    EXPECT_EQ(world.snapshot(), before);
    EXPECT_EQ(world.record.phase.substr(0, 9), "suspended");
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    world.run_for(3s);
    EXPECT_TRUE(world.shows(1));
    EXPECT_NE(world.record.phase.substr(0, 9), "suspended");
}

TEST(Try, ApplyReloadAndASecondTryAreRefusedUntilTheEnd) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.edit_files();
    for (int round = 0; round < 2; ++round) {
        const auto applied = world.apply_files();
        ASSERT_FALSE(applied);
        EXPECT_NE(applied.error().message.find("a try is pending until 20"), std::string::npos)
            << applied.error().message;
        EXPECT_FALSE(world.try_file(6));
        world.turn(Events{Event::reload});
        world.run_for(3s);
        EXPECT_TRUE(world.shows(5));
        world.start_daemon();
        world.run_for(3s);
        EXPECT_TRUE(world.shows(5)) << "a restarted daemon enforces the candidate, too";
    }
    ASSERT_TRUE(world.confirm());
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    EXPECT_TRUE(world.shows(2));
}

TEST(Try, ADaemonThatStartsAfterTheDeadlineReverts) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.daemon.reset();
    world.clock.time += 121s;
    world.start_daemon();
    world.run_for(3s);
    world.expect_restored();
    EXPECT_EQ(world.tries.outcomes.size(), 1U);
}

TEST(Try, ARunningDaemonRevertsIfTheProcessThatHoldsTheClockIsGone) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.run_for(119s);
    EXPECT_TRUE(world.shows(5));
    world.run_for(15s);
    world.expect_restored();
}

TEST(Try, TimeInSuspendCounts) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.clock.suspended += 1h;
    EXPECT_FALSE(world.confirm()) << "the deadline has passed";
    world.run_for(3s);
    world.expect_restored();
}

TEST(Try, AnotherBootForgetsTheTry) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.tries.boot_now = "boot-2";
    EXPECT_FALSE(world.revert());
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    EXPECT_TRUE(world.shows(1));
}

TEST(Try, ACandidateThatFailsIsTakenBackAtOnce) {
    for (const bool has_daemon : {true, false}) {
        Trying world;
        if (!has_daemon) {
            world.daemon.reset();
        }
        world.path_manager.fail_write_of("add 203.0.113.5");
        const auto begun = world.try_file(5);
        ASSERT_TRUE(begun && *begun);
        EXPECT_TRUE((*begun)->report.failed && (*begun)->report.reverted);
        world.path_manager.before_write = nullptr;
        world.expect_restored();
    }
}

TEST(Try, AFrozenDaemonMakesTheTryFailAndDoesNotEnforceTheCandidateLater) {
    Trying world;
    world.before_hand_over = [&] { world.is_stopped = true; };
    const auto begun = world.try_file(5);
    ASSERT_TRUE(begun && *begun);
    EXPECT_TRUE((*begun)->report.reverted);
    EXPECT_FALSE((*begun)->problems.empty());
    EXPECT_EQ(world.snapshot(), world.before);
    world.before_hand_over = nullptr;
    world.is_stopped = false;
    world.happened(Event::poked);
    world.run_for(3s);
    world.expect_restored();
}

TEST(Try, WithoutTheProcessThatHoldsTheClockNothingIsChanged) {
    Trying world;
    world.try_clock.failure = Error{ErrorKind::failed, "no process"};
    EXPECT_FALSE(world.try_file(5));
    EXPECT_EQ(world.tries.stored, "");
    world.expect_restored();
}

TEST(Try, ADaemonThatCannotTryIsNotDisturbed) {
    Trying world;
    world.with_daemon_reply = [](DaemonReply& reply) { reply.can_try = false; }; // an older release
    static_cast<void>(world.take_writes());
    EXPECT_FALSE(world.try_file(5));
    EXPECT_EQ(world.take_writes(), Lines{});
    world.with_daemon_reply = nullptr;
    world.expect_restored();
}

TEST(Try, WhatAppearsWhileItIsPendingIsRestoredToo) {
    Trying world;
    LoadedConfig candidate = HandOverWorld::config_of(5);
    candidate.desired.profiles.push_back(rule("late", MptcpFlags{MptcpFlag::signal}));
    candidate.desired.endpoints[key("198.51.100.7")] = desired_endpoint({f_subflow});
    world.daemon.reset();
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    // The address of a deferred endpoint and another profile come up; a dispatcher without the daemon is
    // refused, and an administrator confirms nothing.
    world.links.present.push_back(link(3, "eth1", {"198.51.100.7"}));
    world.links.present.push_back(link(4, "eth2", {"198.51.100.8"}));
    world.network_manager.state.profiles.push_back(
        active_profile("late", world.links.present[2], MptcpFlags{MptcpFlag::subflow}));
    Engine engine(world.ports());
    ApplyOptions options;
    options.scope = scope_of_try();
    const auto again = engine.apply(candidate.desired, options); // as the daemon would
    ASSERT_TRUE(again && again->verified) << (again ? explain(*again) : again.error().message);
    EXPECT_NE(world.find("198.51.100.7"), nullptr);
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.find("198.51.100.7"), nullptr);
    EXPECT_EQ(world.network_manager.state.profiles.back().stored, MptcpFlags{MptcpFlag::subflow});
}

/// Thrown by a fake's write: the command is killed.
struct TryKilled {};

TEST(Try, KilledBeforeAnyWriteTheHostIsRestoredAtTheDeadline) {
    constexpr std::size_t more_writes_than_any_run = 300;
    for (const bool has_daemon : {true, false}) {
        std::size_t kth = 0;
        for (; kth < more_writes_than_any_run; ++kth) {
            SCOPED_TRACE("killed before write " + std::to_string(kth));
            Trying world;
            if (!has_daemon) {
                world.daemon.reset();
            }
            std::size_t count = 0;
            const auto kill = [&](std::string_view) -> std::optional<Error> {
                if (count++ == kth) {
                    throw TryKilled();
                }
                return std::nullopt;
            };
            world.on_every_write(kill);
            world.tries.before_write = kill;
            bool was_killed = false;
            try {
                static_cast<void>(world.try_file(5));
                static_cast<void>(world.revert());
            } catch (const TryKilled&) {
                was_killed = true;
            }
            world.on_every_write(nullptr);
            world.tries.before_write = nullptr;
            world.daemon_acts = false; // its turn ended as well, if it was its write
            world.lock.taken = false;
            if (!was_killed) {
                break;
            }
            world.clock.time += 130s;
            static_cast<void>(world.revert()); // by the process that holds the clock
            if (world.daemon) {
                world.happened(Event::poked);
                world.run_for(3s);
            }
            EXPECT_EQ(world.snapshot(), world.before);
            EXPECT_EQ(world.tries.stored, "");
        }
        EXPECT_GT(kth, 20U) << "the run has too few writes to test anything";
        EXPECT_LT(kth, more_writes_than_any_run);
    }
}

} // namespace
} // namespace keeper::test
