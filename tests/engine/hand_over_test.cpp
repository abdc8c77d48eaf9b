// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/hand_over_world.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;

ApplyOptions only(std::set<Section> sections) {
    ApplyOptions options;
    options.scope.sections = std::move(sections);
    return options;
}

/// A daemon runs with version 1, which is applied; version 2 is saved.
struct Edited : HandOverWorld {
    Edited() {
        start_daemon();
        run_for(3s);
        EXPECT_TRUE(shows(1));
        edit_files();
        static_cast<void>(notices.take());
        static_cast<void>(take_writes());
    }
    [[nodiscard]] Lines writes_without_record() {
        Lines writes = take_writes();
        std::erase(writes, "save");
        return writes;
    }
};

TEST(HandOver, TheDaemonTakesOverBeforeTheLockIsReleased) {
    Edited world;
    world.on_every_write([&](std::string_view) -> std::optional<Error> {
        world.turn(); // it wakes at each write of the command
        return std::nullopt;
    });
    const ApplyReport report = world.report_of(world.apply_files());
    EXPECT_TRUE(report.verified && !report.failed) << explain(report);
    EXPECT_EQ(world.record.fingerprint, "v2");
    const Lines writes = world.writes_without_record();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "store uuid-wan"), 1);
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "reapply eth0"), 1);
    world.run_for(10min);
    EXPECT_EQ(world.writes_without_record(), Lines{});
    EXPECT_EQ(world.notices.take(), Lines{"loaded sha256:v2"});
    EXPECT_EQ(world.record.repairs, 0U);
    EXPECT_TRUE(world.shows(2));
}

TEST(HandOver, TheFilesAreReadUnderTheLock) {
    Edited world;
    world.while_waiting = [&] { world.edit_files(); };
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    EXPECT_TRUE(world.shows(3));
    EXPECT_EQ(world.record.fingerprint, "v3");
}

TEST(HandOver, FilesThatBecomeInvalidWhileTheCommandWaitsAreRefused) {
    Edited world;
    world.while_waiting = [&] { world.spoil_files(); };
    const auto result = world.apply_files();
    ASSERT_TRUE(result);
    EXPECT_FALSE(*result);
    EXPECT_TRUE(world.shows(1));
}

TEST(HandOver, WhatAtomicRevertedIsNotLoaded) {
    Edited world;
    ApplyOptions atomic;
    atomic.atomic = true;
    world.path_manager.fail_write_of("add 203.0.113.2");
    const ApplyReport report = world.report_of(world.apply_files(atomic));
    EXPECT_TRUE(report.failed && report.reverted) << explain(report);
    world.path_manager.before_write = nullptr;
    EXPECT_EQ(world.record.fingerprint, "v1");
    world.run_for(10min);
    EXPECT_TRUE(world.shows(1));
    EXPECT_EQ(world.record.fingerprint, "v1");
    EXPECT_EQ(world.record.repairs, 0U);
    // The next one is handed over again.
    EXPECT_TRUE(world.report_of(world.apply_files(atomic)).verified);
    EXPECT_EQ(world.record.fingerprint, "v2");
}

TEST(HandOver, AReloadDuringAnAtomicApplyThatFailsIsObeyed) {
    Edited world;
    ApplyOptions atomic;
    atomic.atomic = true;
    world.path_manager.before_write = [&](std::string_view write) -> std::optional<Error> {
        if (write != "add 203.0.113.2") {
            return std::nullopt;
        }
        world.turn(Events{Event::reload});
        return Error{ErrorKind::failed, "no"};
    };
    EXPECT_TRUE(world.report_of(world.apply_files(atomic)).reverted);
    world.path_manager.before_write = nullptr;
    world.run_for(3s);
    EXPECT_TRUE(world.shows(2)) << "the reload requested it";
    world.edit_files();
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    world.run_for(3s);
    EXPECT_TRUE(world.shows(3));
}

TEST(HandOver, AnApplyWithAFailedItemIsHandedOverToo) {
    Edited world;
    world.path_manager.fail_write_of("add 203.0.113.2");
    EXPECT_TRUE(world.report_of(world.apply_files()).failed);
    EXPECT_EQ(world.record.fingerprint, "v2");
    world.path_manager.before_write = nullptr;
    world.run_for(2min);
    EXPECT_TRUE(world.shows(2)) << "the daemon tries again";
    EXPECT_EQ(world.record.repairs, 0U) << "without counting a repair";
}

TEST(HandOver, FilesThatAreEditedDuringTheApplyAreNotLoadedAndTheHostStaysAsApplied) {
    Edited world;
    world.before_hand_over = [&] { world.edit_files(); };
    const ApplyReport report = world.report_of(world.apply_files());
    EXPECT_TRUE(report.failed && report.verified) << explain(report);
    EXPECT_NE(report.hand_over_failure.find("the files changed during the apply"), std::string::npos);
    ASSERT_FALSE(report.warnings.empty());
    EXPECT_NE(report.warnings.back().find(report.hand_over_failure), std::string::npos);
    static_cast<void>(world.take_writes());
    world.happened(Event::poked);
    world.run_for(10min);
    EXPECT_TRUE(world.shows(2));
    EXPECT_EQ(world.take_writes(), Lines{}) << "neither the older nor the newer files";
    EXPECT_EQ(world.record.phase.substr(0, 9), "suspended");
    world.before_hand_over = nullptr;
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    EXPECT_EQ(world.record.fingerprint, "v3");
    world.sysctls.values["add_addr_timeout"] = "999";
    world.happened(Event::sysctls_changed);
    world.run_for(1s);
    EXPECT_TRUE(world.shows(3)) << "it enforces again";
}

TEST(HandOver, FilesThatBecomeInvalidDuringTheApplyAreRefusedWithTheReason) {
    for (const ReconcileMode mode : {ReconcileMode::enforce, ReconcileMode::report, ReconcileMode::manual}) {
        Edited world;
        world.edit_files(mode);
        EXPECT_TRUE(world.report_of(world.apply_files()).verified);
        const unsigned applied = world.version + 1;
        world.edit_files(mode);
        world.before_hand_over = [&] { world.spoil_files(); };
        const ApplyReport report = world.report_of(world.apply_files());
        EXPECT_TRUE(report.failed);
        EXPECT_NE(report.hand_over_failure.find("config.yaml:3: no such key"), std::string::npos);
        world.run_for(1min);
        EXPECT_TRUE(world.shows(applied));
    }
}

TEST(HandOver, AStoppedDaemonIsReportedAndNeverWritesTheOlderFiles) {
    Edited world;
    world.is_stopped = true;
    const ApplyReport report = world.report_of(world.apply_files());
    EXPECT_TRUE(report.failed && report.verified) << explain(report);
    EXPECT_NE(report.hand_over_failure.find("has not answered within 5 s"), std::string::npos);
    EXPECT_TRUE(world.shows(2));
    // It was about to handle events when it was stopped; the request has gone with the command.
    world.requests.waiting.clear();
    world.is_stopped = false;
    world.run_for(3s);
    EXPECT_TRUE(world.shows(2));
    EXPECT_EQ(world.record.fingerprint, "v2") << "the mark names what it missed";
    EXPECT_EQ(world.record.repairs, 0U);
}

TEST(HandOver, AResumedDaemonTakesOverWhatWasAppliedLast) {
    Edited world;
    world.is_stopped = true;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(world.report_of(world.apply_files()).failed);
        world.edit_files();
    }
    EXPECT_TRUE(world.report_of(world.apply_files()).failed);
    world.is_stopped = false;
    world.run_for(3s);
    EXPECT_EQ(world.record.fingerprint, world.files.fingerprint);
    EXPECT_EQ(world.record.phase, "idle");
    EXPECT_TRUE(world.shows(world.version));
}

TEST(HandOver, AKilledApplyIsFinishedByTheDaemonAndNotUndone) {
    for (const char* last : {"write add_addr_timeout", "add 203.0.113.2", "store uuid-wan", "reapply eth0"}) {
        Edited world;
        world.on_every_write([&](std::string_view write) -> std::optional<Error> {
            if (write == last && !world.daemon_acts) {
                throw CommandKilled();
            }
            return std::nullopt;
        });
        EXPECT_THROW(static_cast<void>(world.apply_files()), CommandKilled);
        world.happened(Event::sysctls_changed);
        world.run_for(3s);
        EXPECT_TRUE(world.shows(2)) << "killed at " << last;
        EXPECT_EQ(world.record.repairs, 0U);
    }
}

TEST(HandOver, AReloadOfNewerFilesDuringTheApplyWins) {
    Edited world;
    world.before_hand_over = [&] {
        world.edit_files();
        world.turn(Events{Event::reload});
    };
    const ApplyReport report = world.report_of(world.apply_files());
    EXPECT_TRUE(report.failed) << explain(report);
    EXPECT_NE(report.hand_over_failure.find("not those that were applied"), std::string::npos);
    world.run_for(3s);
    EXPECT_TRUE(world.shows(3));
    EXPECT_EQ(world.record.repairs, 0U);
}

TEST(HandOver, FilesThatAreRevertedDuringTheApplyDoNotMakeTheDaemonUndoIt) {
    Edited world;
    const LoadedConfig newer = world.files;
    world.version = 0;
    world.edit_files();
    const LoadedConfig older = world.files;
    world.files = newer;
    world.before_hand_over = [&] { world.files = older; };
    EXPECT_TRUE(world.report_of(world.apply_files()).failed);
    world.run_for(1min);
    EXPECT_TRUE(world.shows(2));
}

TEST(HandOver, WithoutADaemonItIsAnOrdinaryApply) {
    HandOverWorld world;
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    EXPECT_TRUE(world.shows(1));
}

TEST(HandOver, OnlyNamesWhatTheDaemonApplies) {
    Edited world;
    const ApplyReport report = world.report_of(world.apply_files(only({Section::limits})));
    EXPECT_TRUE(report.verified && !report.failed) << explain(report);
    ASSERT_FALSE(report.warnings.empty());
    for (const char* item :
         {"net.mptcp.add_addr_timeout", "endpoint 203.0.113.2", "endpoint 203.0.113.1", "profile wan"}) {
        EXPECT_NE(report.warnings.back().find(item), std::string::npos) << report.warnings.back();
    }
    EXPECT_EQ(report.warnings.back().find("subflows"), std::string::npos);
    world.run_for(3s);
    EXPECT_TRUE(world.shows(2));
    EXPECT_EQ(world.record.repairs, 0U);
    // Nothing is left: no warning.
    EXPECT_TRUE(world.report_of(world.apply_files(only({Section::limits}))).warnings.empty());
}

TEST(HandOver, OnlyDoesNotWarnIfTheDaemonDoesNotAct) {
    for (const ReconcileMode mode : {ReconcileMode::report, ReconcileMode::manual}) {
        Edited world;
        world.edit_files(mode);
        const ApplyReport report = world.report_of(world.apply_files(only({Section::limits})));
        EXPECT_TRUE(report.warnings.empty()) << explain(report);
    }
}

TEST(HandOver, WhatAnEnforcingDaemonWouldUndoIsRefused) {
    Edited world;
    const auto result = world.apply_files({}, HandOver::none);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("systemctl stop mptcp-keeper"), std::string::npos);
    EXPECT_TRUE(world.shows(1));
    world.is_stopped = true;
    EXPECT_FALSE(world.apply_files({}, HandOver::none)) << "it may enforce: it does not answer";
    world.is_stopped = false;
    world.run_for(1s);
    world.edit_files(ReconcileMode::report);
    EXPECT_TRUE(world.report_of(world.apply_files()).verified);
    EXPECT_TRUE(world.apply_files({}, HandOver::none)) << "it only reports";
}

} // namespace
} // namespace keeper::test
