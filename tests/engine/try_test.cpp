// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/hand_over_world.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;

/// A daemon enforces version 1; a command tries version 5 for two minutes.
struct Trying : HandOverWorld {
    Trying() {
        start_daemon();
        run_for(3s);
        EXPECT_TRUE(shows(1));
        before = snapshot();
        record_before = state.saved;
    }
    /// Everything is as before the try, and stays so.
    void expect_restored() {
        EXPECT_EQ(snapshot(), before);
        EXPECT_EQ(state.saved.sysctls, record_before.sysctls);
        EXPECT_EQ(state.saved.endpoints, record_before.endpoints);
        EXPECT_EQ(state.saved.profiles, record_before.profiles);
        EXPECT_EQ(tries.stored, "");
        run_for(11min);
        EXPECT_EQ(snapshot(), before);
        EXPECT_EQ(record.repairs, 0U) << "neither the try nor the revert is drift";
    }
    Snapshot before;
    Ownership record_before;
};

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

TEST(Try, RestoresASectionThatIsDeclaredAlone) {
    for (const std::string section : {"sysctl", "limits", "endpoints", "profiles"}) {
        for (const bool has_daemon : {true, false}) {
            SCOPED_TRACE(section);
            HandOverWorld world;
            world.path_manager.table.push_back(endpoint("10.0.0.7", {f_subflow}, 0, 9)); // another program's
            const auto only = [&](unsigned number) {
                LoadedConfig config = HandOverWorld::config_of(number);
                DesiredState& desired = config.desired;
                desired.sysctls = section == "sysctl" ? desired.sysctls : decltype(desired.sysctls)();
                desired.subflows = section == "limits" ? desired.subflows : std::nullopt;
                desired.endpoints =
                    section == "endpoints" ? desired.endpoints : decltype(desired.endpoints)();
                desired.profiles = section == "profiles" ? desired.profiles : decltype(desired.profiles)();
                return config;
            };
            world.files = only(1);
            if (has_daemon) {
                world.start_daemon();
                world.run_for(3s);
            }
            const Snapshot before = world.snapshot();
            ASSERT_TRUE(world.try_config(only(5), "/root/candidate.yaml"));
            EXPECT_NE(world.snapshot(), before);
            const auto report = world.revert();
            ASSERT_TRUE(report) << report.error().message;
            EXPECT_TRUE(report->verified && !report->failed) << explain(*report);
            EXPECT_EQ(world.snapshot(), before);
        }
    }
}

TEST(Try, ARevertThatCouldNotStoreTheMarkIsRepeatedAndNotForgotten) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    world.mark.save_failure = Error{ErrorKind::failed, "no space left"};
    const auto failed = world.revert();
    EXPECT_TRUE(!failed || failed->failed);
    EXPECT_NE(world.tries.stored, "");
    world.mark.save_failure.reset();
    const auto report = world.revert();
    ASSERT_TRUE(report && !report->failed);
    EXPECT_EQ(world.record.fingerprint, "v1");
    world.expect_restored();
}

TEST(Try, WithAFullRunFolderTheHostIsRestoredNevertheless) {
    Trying world;
    world.daemon.reset();
    ASSERT_TRUE(world.try_file(5));
    world.tries.before_write = [](std::string_view) { return Error{ErrorKind::failed, "no space left"}; };
    const auto report = world.revert();
    EXPECT_TRUE(report && report->failed);
    EXPECT_EQ(world.snapshot(), world.before);
    world.tries.before_write = nullptr;
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.tries.stored, "");
}

TEST(Try, ASuspendedDaemonTakesNoPart) {
    Trying world;
    world.edit_files();
    world.before_hand_over = [&] { world.edit_files(); };
    static_cast<void>(world.apply_files()); // the daemon suspends itself: the files changed during the apply
    world.before_hand_over = nullptr;
    ASSERT_EQ(world.record.phase.substr(0, 9), "suspended");
    const Snapshot applied = world.snapshot();
    const auto begun = world.try_file(9);
    ASSERT_FALSE(begun);
    EXPECT_NE(begun.error().message.find("is suspended"), std::string::npos) << begun.error().message;
    world.run_for(10min);
    EXPECT_EQ(world.snapshot(), applied);
}

TEST(Try, LeavesADeviceAloneThatWaitsForItsNextActivation) {
    HandOverWorld world;
    world.network_manager.state.profiles[0].stored =
        MptcpFlags{MptcpFlag::signal, MptcpFlag::also_without_default_route};
    const Snapshot before = world.snapshot(); // live: default
    LoadedConfig candidate = HandOverWorld::config_of(5);
    candidate.desired.profiles = {rule("wan", MptcpFlags{MptcpFlag::subflow})};
    candidate.desired.profiles[0].activation = Activation::defer;
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Try, AHostWithoutFilesReturnsToThat) {
    HandOverWorld world;
    world.files = {};
    world.files.fingerprint = "none";
    world.start_daemon();
    world.run_for(3s);
    const Snapshot before = world.snapshot();
    ASSERT_TRUE(world.try_file(5));
    ASSERT_TRUE(world.revert());
    EXPECT_EQ(world.snapshot(), before);
    EXPECT_EQ(world.record.fingerprint, "none");
    EXPECT_NE(world.record.phase.substr(0, 9), "suspended");
}

TEST(Try, AnotherProgramsEndpointWhoseAddressIsMissingWaitsForAReset) {
    HandOverWorld world;
    world.links.present.push_back(link(5, "tun0", {"10.9.9.7"}));
    world.path_manager.table = {endpoint("10.9.9.7", {f_subflow}, 5, 1)};
    LoadedConfig candidate = HandOverWorld::config_of(5);
    candidate.desired.endpoints[key("10.9.9.7")] = absent_endpoint();
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    EXPECT_EQ(world.find("10.9.9.7"), nullptr);
    world.links.present.back().addresses.clear();
    ASSERT_TRUE(world.revert());
    world.links.present.back() = link(5, "tun0", {"10.9.9.7"});
    EXPECT_TRUE(world.reset().verified);
    EXPECT_NE(world.find("10.9.9.7"), nullptr);
}

TEST(Try, NothingBeginsThatARevertCouldNotRestore) {
    Trying world;
    world.path_manager.endpoints_failure = Error{ErrorKind::timed_out, "no answer"};
    static_cast<void>(world.take_writes());
    const auto begun = world.try_file(5);
    ASSERT_FALSE(begun);
    EXPECT_NE(begun.error().message.find("nothing was changed"), std::string::npos) << begun.error().message;
    EXPECT_EQ(world.take_writes(), Lines{});
}

TEST(Try, CtrlCBeforeTheFirstWriteCancels) {
    Trying world;
    world.is_cancelled = true;
    static_cast<void>(world.take_writes());
    EXPECT_FALSE(world.try_file(5));
    EXPECT_EQ(world.take_writes(), Lines{});
    EXPECT_EQ(world.tries.stored, "");
    EXPECT_EQ(world.try_clock.started, 0);
}

TEST(Try, AfterARevertedSecondTryTheFirstOnesFileIsStillNamed) {
    Trying world;
    ASSERT_TRUE(world.try_file(5));
    ASSERT_TRUE(world.confirm());
    ASSERT_TRUE(world.try_config(HandOverWorld::config_of(6), "/root/other.yaml"));
    EXPECT_EQ(world.record.tried_file, "/root/other.yaml");
    ASSERT_TRUE(world.revert());
    EXPECT_TRUE(world.shows(5));
    EXPECT_EQ(world.record.tried_file, "/root/candidate.yaml");
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

/// A host with something of every kind, without a daemon: see furnish().
TEST(Try, RestoresEveryKindOfSettingExactly) {
    for (const bool was_applied : {false, true}) {
        HandOverWorld world;
        furnish(world);
        LoadedConfig candidate;
        candidate.fingerprint = "candidate";
        candidate.desired = world.desired;
        if (was_applied) {
            DesiredState earlier = world.desired;
            earlier.sysctls["add_addr_timeout"] = declared("44");
            earlier.subflows = declared(6U);
            earlier.endpoints.erase(key("10.0.0.8"));
            earlier.endpoints[key("192.0.2.201")] = desired_endpoint({f_signal});
            earlier.profiles = {rule("wan", MptcpFlags{MptcpFlag::subflow})};
            world.desired = earlier;
            ASSERT_TRUE(world.apply().verified);
        }
        const Snapshot before = world.snapshot();
        const Ownership record_before = world.state.saved;
        const auto begun = world.try_config(candidate, "/root/candidate.yaml");
        ASSERT_TRUE(begun && *begun);
        EXPECT_FALSE((*begun)->report.failed) << explain((*begun)->report);
        EXPECT_NE(world.snapshot(), before);
        const auto report = world.revert();
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(report->verified) << explain(*report);
        EXPECT_EQ(world.snapshot(), before);
        Ownership now = world.state.saved;
        now.kernel = record_before.kernel;
        EXPECT_EQ(now, record_before);
        if (was_applied) {
            static_cast<void>(world.take_writes());
            EXPECT_TRUE(world.apply().verified);
            EXPECT_EQ(world.take_writes(), Lines{}) << "the earlier declaration is still in effect";
        }
        EXPECT_TRUE(world.reset().verified) << "what the keeper found first can still be restored";
    }
}

TEST(Try, SaysBeforehandWhichLiveFlagsARevertCannotRestore) {
    Trying world;
    world.network_manager.state.profiles[0].activations[0].reapply_disturbs = true; // DHCP
    LoadedConfig candidate = HandOverWorld::config_of(5);
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    EXPECT_EQ(world.told, Lines{});
    ASSERT_TRUE(world.revert());
    candidate.desired.profiles[0].activation = Activation::reapply;
    ASSERT_TRUE(world.try_config(candidate, "/root/candidate.yaml"));
    ASSERT_EQ(world.told.size(), 1U);
    EXPECT_NE(world.told[0].find("nmcli connection up wan"), std::string::npos) << world.told[0];
}

} // namespace
} // namespace keeper::test
