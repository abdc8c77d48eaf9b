// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/metrics_writer.hpp"

#include <gtest/gtest.h>

#include "engine/reconciled_world.hpp"
#include "fakes/fake_metrics_file.hpp"

namespace keeper::test {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

const std::string file_name = "/run/a.prom";

/// A reconciler and the writer beside it, as the daemon drives them.
struct MeasuredWorld : ReconciledWorld {
    fake::FakeMetricsFile file;
    std::string on_disk = "loaded";
    DaemonRecord record;
    MetricsWriter writer{
        {.file = file,
         .netstat = [] { return Result<std::string>("MPTcpExt: MPCurrEstab A\nMPTcpExt: 1 5\n"); },
         .fingerprint_on_disk = [this] { return std::optional(on_disk); },
         .is_try_pending = [] { return false; },
         .version = "1.2.3"},
        clock,
        notices};

    MeasuredWorld() {
        record.fingerprint = "loaded";
        record.repairs_of.emplace();
        desired.subflows = declared(4U);
        desired.metrics.textfile = declared(file_name);
    }
    void start(ReconcileMode mode = ReconcileMode::enforce) {
        desired.reconcile.mode.value = mode;
        writer.load(desired.metrics);
        reconciler.load(desired, Reconciler::Cause::start);
        turn();
        pass(100ms);
    }
    void turn() {
        writer.prepare(reconciler);
        reconciler.step();
        record.repairs_of = reconciler.state().repairs_of;
        writer.step(reconciler, record);
    }
    /// Runs like the daemon's main loop, for that long.
    void pass(std::chrono::milliseconds duration) {
        const auto end = clock.time + duration;
        int in_a_row = 0;
        while (clock.time <= end) {
            const auto next = std::min(reconciler.time_to_next(), writer.time_to_next());
            const Wakeup found = events.wait(next);
            const auto slept = found == Wakeup{} ? next : 0ms;
            if (clock.time + slept > end) {
                break;
            }
            in_a_row = slept == 0ms ? in_a_row + 1 : 0;
            ASSERT_LT(in_a_row, 20) << "a busy loop";
            clock.time += slept;
            reconciler.handle(found);
            turn();
        }
        clock.time = std::max(clock.time, end);
    }
    [[nodiscard]] std::string value(const std::string& name) const { return file.value(file_name, name); }
};

TEST(Metrics, AreWrittenAtStartAndAtTheInterval) {
    MeasuredWorld world;
    world.start();
    EXPECT_EQ(world.value("in_sync"), "1");
    EXPECT_EQ(world.value("limit{name=\"subflows\"}"), "4");
    EXPECT_EQ(world.value("build_info{version=\"1.2.3\"}"), "1");
    EXPECT_EQ(world.value("last_apply_success"), "1");
    const int writes = world.file.writes;
    world.pass(61s);
    EXPECT_EQ(world.file.writes, writes + 3) << "every 20 s";
    EXPECT_EQ(world.notices.take(), Lines{"applied subflows"});
}

TEST(Metrics, NothingIsReadOrWrittenWithoutAFile) {
    MeasuredWorld world;
    world.desired.metrics.textfile.reset();
    world.start();
    const int reads = world.connections.reads + world.links.reads;
    world.pass(5min);
    EXPECT_EQ(world.connections.reads + world.links.reads, reads);
    EXPECT_EQ(world.file.writes, 0);
}

TEST(Metrics, ARepairIsWrittenAtOnceWithoutReadingTheConnections) {
    MeasuredWorld world;
    world.start();
    world.pass(5s);
    const int reads = world.connections.reads;
    const int writes = world.file.writes;
    world.path_manager.current_limits.subflows = 1;
    world.pass(3s);
    EXPECT_EQ(world.value("repairs_total{resource=\"limit\"}"), "1");
    EXPECT_EQ(world.value("in_sync"), "1");
    EXPECT_EQ(world.file.writes, writes + 1);
    EXPECT_EQ(world.connections.reads, reads);
}

TEST(Metrics, ChangesAreWrittenAtMostOnceASecond) {
    MeasuredWorld world;
    world.desired.sysctls["add_addr_timeout"] = declared("60");
    world.sysctls.values["add_addr_timeout"] = "60";
    world.path_manager.current_limits.subflows = 4;
    world.start(ReconcileMode::report);
    EXPECT_EQ(world.value("in_sync"), "1");
    world.pass(2s);
    const int writes = world.file.writes;
    for (int i = 0; i < 50; ++i) {
        world.write_sysctl("add_addr_timeout", i / 7 % 2 == 0 ? "61" : "60");
        world.pass(100ms);
    }
    EXPECT_LE(world.file.writes, writes + 6);
    EXPECT_GE(world.file.writes, writes + 2);
    world.pass(2s);
    EXPECT_EQ(world.value("in_sync"), "1") << "as the last value is the declared one";
    const int links = world.links.reads;
    for (int i = 0; i < 50; ++i) { // each leads to a round that changes nothing
        world.write_sysctl("add_addr_timeout", "62");
        world.pass(100ms);
    }
    EXPECT_LE(world.links.reads, links + 6) << "surveys are as rare as writes";
}

TEST(Metrics, DriftIsShownInEveryMode) {
    for (const ReconcileMode mode : {ReconcileMode::report, ReconcileMode::manual}) {
        MeasuredWorld world;
        world.start(mode);
        EXPECT_EQ(world.value("in_sync"), "0");
        EXPECT_EQ(world.take_writes(), Lines{});
        world.path_manager.current_limits.subflows = 4;
        world.pass(21s);
        EXPECT_EQ(world.value("in_sync"), "1") << to_string(mode);
        EXPECT_EQ(world.value("last_apply_success"), "");
    }
}

TEST(Metrics, AFrozenNetworkManagerLeavesUnknownWhatDependsOnIt) {
    MeasuredWorld world;
    world.desired.profiles = {rule("wan", {MptcpFlag::subflow})};
    world.events.frozen = true;
    world.start();
    world.pass(2s);
    EXPECT_EQ(world.value("in_sync"), "");
    EXPECT_EQ(world.value("limit{name=\"subflows\"}"), "4");
    world.events.frozen = false;
    world.pass(45s);
    EXPECT_EQ(world.value("in_sync"), "1");
}

TEST(Metrics, ACommandThatHoldsTheLockDelaysThem) {
    MeasuredWorld world;
    world.start();
    world.lock.taken = true;
    const int writes = world.file.writes;
    world.pass(25s);
    EXPECT_EQ(world.file.writes, writes);
    world.lock.taken = false;
    world.pass(2s);
    EXPECT_EQ(world.file.writes, writes + 1);
}

TEST(Metrics, ASuspendedDaemonDoesNotClaimToBeInSync) {
    MeasuredWorld world;
    world.start();
    world.reconciler.suspend(1);
    world.record.load_error = "no such key";
    world.turn();
    world.pass(2s);
    EXPECT_EQ(world.value("in_sync"), "");
    EXPECT_EQ(world.value("config_valid"), "0");
    const int writes = world.file.writes;
    world.pass(40s);
    EXPECT_EQ(world.file.writes, writes + 2) << "it is alive";
}

TEST(Metrics, ShowWhetherTheFilesOnDiskAreLoaded) {
    MeasuredWorld world;
    world.start();
    EXPECT_EQ(world.value("config_loaded"), "1");
    world.on_disk = "edited";
    world.pass(21s);
    EXPECT_EQ(world.value("config_loaded"), "0");
}

TEST(Metrics, CountersAreReadOnlyIfTheyAreDeclared) {
    MeasuredWorld world;
    world.start();
    EXPECT_EQ(world.value("mptcpext_total{counter=\"A\"}"), "");
    world.desired.metrics.counters = Declared<bool>{true, {}};
    world.start();
    EXPECT_EQ(world.value("mptcpext_total{counter=\"A\"}"), "5");
    EXPECT_EQ(world.value("mptcpext_current_established"), "1");
}

TEST(Metrics, AFailureIsLoggedOnceUntilItIsOver) {
    MeasuredWorld world;
    world.file.failure = Error{ErrorKind::not_permitted, "a link"};
    world.start();
    world.pass(2min);
    EXPECT_EQ(world.notices.take(), (Lines{"applied subflows", "warning a link"}));
    world.file.failure.reset();
    world.pass(21s);
    world.file.failure = Error{ErrorKind::unavailable, "no directory"};
    world.pass(21s);
    EXPECT_EQ(world.notices.take(), Lines{"info no directory"});
}

TEST(Metrics, TheFileIsRemovedByAStopAndWhenItIsNoLongerDeclared) {
    MeasuredWorld world;
    world.start();
    world.desired.metrics.textfile = declared(std::string("/run/b.prom"));
    world.start();
    EXPECT_EQ(world.file.files.size(), 1U);
    EXPECT_EQ(world.file.value("/run/b.prom", "in_sync"), "1");
    world.writer.stop();
    EXPECT_TRUE(world.file.files.empty());
    world.pass(30s);
    EXPECT_TRUE(world.file.files.empty());
}

} // namespace
} // namespace keeper::test
