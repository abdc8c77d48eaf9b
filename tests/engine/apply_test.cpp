// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;

TEST(Apply, ConvergesAndASecondApplyWritesNothing) {
    World world;
    furnish(world);
    const ApplyReport first = world.apply();
    EXPECT_TRUE(first.changed && first.verified && !first.failed) << explain(first);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
    EXPECT_EQ(world.path_manager.current_limits, (Limits{4, 3}));
    EXPECT_EQ(world.find("10.0.0.8"), nullptr);
    EXPECT_EQ(*world.find("10.0.0.9"), endpoint("10.0.0.9", {f_signal, f_backup}, 0, 3));
    EXPECT_EQ(world.find("203.0.113.1")->flags, EndpointFlags{f_signal});
    EXPECT_EQ(world.find("192.0.2.1")->flags, (EndpointFlags{f_signal, f_subflow}));
    EXPECT_EQ(world.find("198.51.100.1")->flags, (EndpointFlags{f_signal, f_subflow})) << explain(first);
    const Ownership record = world.state.saved;
    static_cast<void>(world.take_writes());
    const ApplyReport second = world.apply();
    EXPECT_EQ(world.take_writes(), Names{});
    EXPECT_EQ(world.state.saved, record);
    EXPECT_TRUE(!second.changed && second.verified && !second.failed) << explain(second);
    EXPECT_EQ(second.changes, std::vector<AppliedChange>{});
}

TEST(Apply, DoesNotReapplyAProfileOnDhcp) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    const Names writes = world.take_writes();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "reapply eth1"), 0);
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "reapply eth0"), 1);
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "store uuid-dyn"), 1);
}

TEST(Apply, OneFailingItemDoesNotStopTheOthers) {
    World world;
    furnish(world);
    world.sysctls.fail_write_of("write add_addr_timeout");
    world.path_manager.fail_write_of("add 192.0.2.200");
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.changed && report.failed && !report.verified) << explain(report);
    EXPECT_EQ(world.sysctls.values.at("checksum_enabled"), "1");
    EXPECT_EQ(world.path_manager.current_limits, (Limits{4, 3}));
    EXPECT_EQ(world.network_manager.state.profiles[1].stored.raw(), 0x38U);
    EXPECT_EQ(world.state.saved.sysctls.count("add_addr_timeout"), 0U);
    EXPECT_EQ(world.state.saved.endpoints.count(key("192.0.2.200")), 0U);
    Names failed;
    for (const AppliedChange& change : report.changes) {
        if (change.outcome == Outcome::failed) {
            failed.push_back(change.change.key + ": " + change.error);
        }
    }
    EXPECT_EQ(
        failed, (Names{"net.mptcp.add_addr_timeout: injected failure", "192.0.2.200: injected failure"}));
}

TEST(Apply, AFailedItemIsNotTriedTwiceInOneRun) {
    World world;
    furnish(world);
    world.path_manager.fail_write_of("add 192.0.2.200");
    static_cast<void>(world.apply());
    const Names writes = world.take_writes();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "add 192.0.2.200"), 1);
}

TEST(Apply, OfTwoLimitsTheOneThatTheKernelAcceptsIsSet) {
    World world;
    world.desired.subflows = declared(5U);
    world.desired.add_addr_accepted = declared(9U);
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), (Names{"limit subflows applied", "limit add_addr_accepted failed"}));
    EXPECT_EQ(world.path_manager.current_limits, (Limits{5, 0}));
    EXPECT_EQ(report.changes.back().error, "9 exceeds this kernel's maximum of 8");
}

TEST(Apply, BothLimitsAreSetInOneRequest) {
    World world;
    world.desired.subflows = declared(5U);
    world.desired.add_addr_accepted = declared(3U);
    static_cast<void>(world.apply());
    EXPECT_EQ(world.take_writes(), (Names{"set-limits", "save"}));
}

TEST(Apply, NothingIsWrittenUnlessItIsRecordedFirst) {
    World world;
    furnish(world);
    const Snapshot before = world.snapshot();
    world.state.fail_write(1, {ErrorKind::failed, "no space left on device"});
    const auto report = world.engine().apply(world.desired, world.options);
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().message.find("no space left on device"), std::string::npos);
    EXPECT_EQ(world.take_writes(), Names{"save"});
    EXPECT_EQ(world.snapshot(), before);
}

TEST(Apply, ARecordThatCannotBeReadStopsEverything) {
    World world;
    furnish(world);
    world.state.load_failure = Error{ErrorKind::failed, "not JSON"};
    EXPECT_FALSE(world.engine().apply(world.desired, world.options));
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(Apply, TheRecordIsSavedBeforeTheFirstWrite) {
    World world;
    furnish(world);
    std::string first;
    world.on_every_write([&](std::string_view write) -> std::optional<Error> {
        first = first.empty() ? std::string(write) : first;
        return std::nullopt;
    });
    static_cast<void>(world.apply());
    EXPECT_EQ(first, "save");
}

TEST(Apply, ASaveThatFailsAfterwardsIsAWarning) {
    World world;
    furnish(world);
    world.path_manager.fail_write_of("add 192.0.2.200"); // after which its entry is removed from the record
    world.state.fail_write(2, {ErrorKind::failed, "no space left on device"});
    const ApplyReport report = world.apply();
    EXPECT_TRUE(std::any_of(report.warnings.begin(), report.warnings.end(), [](const std::string& warning) {
        return warning.find("no space left on device") != std::string::npos;
    })) << explain(report);
}

TEST(Apply, FailsIfAnotherProgramRevertsItAtOnce) {
    World world;
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.subflows = declared(4U);
    world.sysctls.before_write = [&](std::string_view) -> std::optional<Error> {
        world.clock.time += std::chrono::milliseconds(1);
        return std::nullopt;
    };
    // The other program writes right after each write, before it is read back.
    struct Rival : fake::FakeSysctls {
        Result<std::map<std::string, std::string>> read_all() override {
            values["add_addr_timeout"] = "120";
            return FakeSysctls::read_all();
        }
    } rival;
    Engine engine(
        {.sysctls = rival,
         .path_manager = world.path_manager,
         .links = world.links,
         .connections = world.connections,
         .profiles = world.network_manager,
         .units = world.units,
         .program_hook = world.program_hook,
         .state = world.state,
         .clock = world.clock,
         .kernel_release = world.kernel_release});
    const auto report = engine.apply(world.desired, {});
    ASSERT_TRUE(report);
    EXPECT_EQ(
        outcomes(*report), (Names{"sysctl net.mptcp.add_addr_timeout failed", "limit subflows applied"}));
    EXPECT_NE(report->changes[0].error.find("another program reverted it"), std::string::npos);
    EXPECT_TRUE(report->failed && !report->verified);
}

TEST(Apply, DriftOfAnUntouchedItemDuringTheRunIsRepairedToo) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    world.path_manager.current_limits = {1, 1};
    world.path_manager.before_write = [&](std::string_view) -> std::optional<Error> {
        world.sysctls.values["add_addr_timeout"] = "99";
        world.path_manager.before_write = nullptr;
        return std::nullopt;
    };
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

TEST(Apply, DriftDuringTheRunIsLeftToTheNextAndNotVerified) {
    World world;
    world.desired.sysctls["add_addr_timeout"] = declared("30");
    world.desired.sysctls["close_timeout"] = declared("60");
    world.desired.sysctls["stale_loss_cnt"] = declared("4");
    world.desired.sysctls["blackhole_timeout"] = declared("3600");
    // Each write is followed by a change of another item, more often than the engine repeats.
    world.sysctls.before_write = [&](std::string_view write) -> std::optional<Error> {
        auto& values = world.sysctls.values;
        if (write == "write add_addr_timeout") {
            values["close_timeout"] = "1";
        } else if (write == "write close_timeout") {
            values["stale_loss_cnt"] = "1";
        } else if (write == "write stale_loss_cnt") {
            values["blackhole_timeout"] = "1";
        }
        return std::nullopt;
    };
    const ApplyReport report = world.apply();
    EXPECT_FALSE(report.verified);
    EXPECT_FALSE(report.failed) << explain(report);
    EXPECT_EQ(report.changes.back().outcome, Outcome::deferred);
    EXPECT_EQ(report.changes.back().error, "changed by another program during apply; apply again");
    EXPECT_TRUE(world.apply().verified);
}

TEST(Apply, StrictTurnsUnsupportedIntoAFailure) {
    World world;
    world.sysctls.values.erase("close_timeout");
    world.desired.sysctls["close_timeout"] = declared("30");
    const ApplyReport lenient = world.apply();
    EXPECT_EQ(outcomes(lenient), Names{"sysctl net.mptcp.close_timeout unsupported"});
    EXPECT_TRUE(!lenient.failed && lenient.verified && !lenient.changed);
    world.options.strict = true;
    const ApplyReport strict = world.apply();
    EXPECT_TRUE(strict.failed && !strict.verified);
}

TEST(Apply, AKernelWithoutMptcpFailsEveryKernelItemAndWritesNothing) {
    World world;
    furnish(world);
    world.sysctls.supported = false;
    world.path_manager.supported = false;
    world.desired.profiles.clear();
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed && !report.changed);
    EXPECT_EQ(report.changes.size(), 7U) << explain(report);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(Apply, OnlySysctlReadsNeitherNetworkManagerNorLinksNorEndpoints) {
    World world;
    furnish(world);
    world.options.scope.sections = {Section::sysctl, Section::limits};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified);
    EXPECT_EQ(world.network_manager.snapshots, 0);
    EXPECT_EQ(world.links.reads, 0);
    EXPECT_EQ(world.connections.reads, 0);
}

TEST(Apply, ANarrowScopeForgetsNothingThatItDidNotRead) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    world.desired.endpoints.clear();
    world.desired.sysctls["add_addr_timeout"] = declared("40");
    world.options.scope.sections = {Section::sysctl};
    const Ownership before = world.state.saved;
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.state.saved.endpoints, before.endpoints);
    EXPECT_EQ(world.state.saved.stand_ins, before.stand_ins);
    world.options = {};
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.find("192.0.2.200"), nullptr) << "the endpoint is still on record, so it is removed";
}

TEST(Apply, WithoutDeclarationsNothingIsDone) {
    World world;
    furnish(world);
    world.desired = {};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && !report.changed && !report.failed);
    EXPECT_EQ(world.take_writes(), Names{});
    EXPECT_EQ(world.network_manager.snapshots, 0);
}

} // namespace
} // namespace keeper::test
