// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/program_hook.hpp"
#include "engine/reconciled_world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;

Declared<bool> all_programs() {
    return {true, {"test.yaml", 7, 1}};
}

/// MPTCP is off, and the declaration switches it on for all programs.
struct HookWorld : ReconciledWorld {
    HookWorld() {
        sysctls.values["enabled"] = "0";
        desired.sysctls["enabled"] = declared("1");
        desired.all_programs = all_programs();
        watch_writes();
    }
    /// Applies the declaration and forgets what was written.
    void settle() {
        const ApplyReport report = apply();
        EXPECT_TRUE(report.verified) << explain(report);
        static_cast<void>(writes());
    }
    /// Lists all writes but those of the record in their order, and lets one of them fail.
    void watch_writes(std::string_view failing = "") {
        on_every_write([this, failing](std::string_view write) {
            if (write != "save") {
                in_order.emplace_back(write);
            }
            return write == failing ? std::optional(Error{ErrorKind::failed, "injected"}) : std::nullopt;
        });
    }
    [[nodiscard]] Names writes() { return std::exchange(in_order, {}); }

    Names in_order;
};

TEST(ProgramHook, IsAttachedAfterMptcpIsSwitchedOn) {
    HookWorld world;
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified) << explain(report);
    EXPECT_EQ(world.writes(), (Names{"write enabled", "attach program hook"}));
    EXPECT_EQ(parse_hook_request(world.program_hook.present.request)->all, true);
    EXPECT_EQ(world.apply().changed, false);
    EXPECT_EQ(world.writes(), Names{});
}

TEST(ProgramHook, IsDetachedBeforeMptcpIsSwitchedOff) {
    HookWorld world;
    world.settle();
    world.desired.all_programs.reset();
    world.desired.sysctls["enabled"] = declared("0");
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.writes(), (Names{"detach program hook", "write enabled"}));
}

TEST(ProgramHook, IsRevertedByAnAtomicApplyInTheSafeOrder) {
    HookWorld world;
    world.desired.endpoints[key("10.0.0.1")] = desired_endpoint({f_signal});
    world.options.atomic = true;
    world.watch_writes("attach program hook");
    EXPECT_TRUE(world.apply().reverted);
    EXPECT_FALSE(world.program_hook.present.is_attached);
    EXPECT_EQ(world.sysctls.values["enabled"], "0");

    world.watch_writes();
    world.settle();
    const std::string before = world.program_hook.present.request;
    world.desired.all_programs.reset();
    world.desired.sysctls["enabled"] = declared("0");
    world.desired.subflows = declared(4U);
    world.watch_writes("set-limits");
    EXPECT_TRUE(world.apply().reverted);
    EXPECT_EQ(
        world.writes(),
        (Names{
            "detach program hook", "write enabled", "set-limits", "write enabled", "attach program hook"}));
    EXPECT_EQ(world.program_hook.present.request, before);
}

TEST(ProgramHook, IsDetachedBeforeAnAtomicApplySwitchesMptcpOffAgain) {
    HookWorld world;
    world.units.present.known = {"web.service"};
    world.desired.units["web.service"] = {"test.yaml", 9, 1};
    world.units.generated["web.service"] = "";
    world.options.atomic = true;
    world.watch_writes("reload");
    EXPECT_TRUE(world.apply().reverted);
    EXPECT_EQ(
        world.writes(),
        (Names{"write enabled", "attach program hook", "reload", "detach program hook", "write enabled"}));
}

TEST(ProgramHook, HasAChangeForEachSliceThatDiffers) {
    HookWorld world;
    world.desired.all_programs.reset();
    world.desired.slices = {{"a.slice", {"test.yaml", 8, 1}}, {"b.slice", {"test.yaml", 9, 1}}};
    world.settle();
    world.desired.slices.erase("a.slice");
    world.desired.slices["c.slice"] = {"test.yaml", 10, 1};
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), (Names{"program-hook c.slice applied", "program-hook a.slice applied"}));
    EXPECT_EQ(world.writes(), Names{"attach program hook"}) << "one program for all";
    EXPECT_EQ(report.changes[0].change.before, Value());
    EXPECT_EQ(report.changes[0].change.after, Value(std::string("attached")));
    EXPECT_EQ(report.changes[0].change.source, "test.yaml:10");
    EXPECT_EQ(report.changes[1].change.before, Value(std::string("attached")));
    EXPECT_EQ(report.changes[1].change.after, Value());
}

TEST(ProgramHook, IsReplacedIfTheExcludedUnitsDiffer) {
    HookWorld world;
    world.options.scope.sections = {Section::sysctl, Section::program_hook};
    world.settle();
    world.desired.never["web@.service"] = {"test.yaml", 11, 1};
    world.desired.never["a\\x2db.service"] = {"test.yaml", 12, 1};
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), Names{"program-hook all applied"});
    EXPECT_EQ(report.changes[0].change.before, report.changes[0].change.after);
    const auto request = parse_hook_request(world.program_hook.present.request);
    EXPECT_EQ(std::count(request->excluded.begin(), request->excluded.end(), "web@*.service"), 1);
    EXPECT_EQ(std::count(request->excluded.begin(), request->excluded.end(), "a\\\\x2db.service"), 1);
}

TEST(ProgramHook, EndsWithItsDeclaration) {
    HookWorld world;
    world.settle();
    world.desired.all_programs = Declared<bool>{false, {"test.yaml", 7, 1}};
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), Names{"program-hook all applied"});
    EXPECT_FALSE(world.program_hook.present.is_attached);
}

TEST(ProgramHook, EndsWithAReset) {
    HookWorld world;
    world.sysctls.values["enabled"] = "1"; // nothing else to restore
    world.settle();
    ASSERT_TRUE(world.state.saved.empty());
    EXPECT_TRUE(world.reset().verified);
    EXPECT_FALSE(world.program_hook.present.is_attached);
}

TEST(ProgramHook, IsReplacedIfItsRequestIsNotKnown) {
    HookWorld world;
    world.settle();
    world.program_hook.present.request.clear();
    EXPECT_EQ(outcomes(world.apply()), Names{"program-hook all applied"});
    EXPECT_EQ(world.writes(), Names{"attach program hook"});

    world.program_hook.present.request.clear();
    world.desired.all_programs.reset();
    EXPECT_EQ(outcomes(world.apply()), Names{"program-hook all applied"});
    EXPECT_EQ(world.writes(), Names{"detach program hook"});
}

TEST(ProgramHook, IsUnsupportedWithTheReason) {
    const std::pair<HookObstacle, const char*> cases[]{
        {HookObstacle::no_package, "mptcp-keeper-bpf"},
        {HookObstacle::no_cgroup2, "cgroup version 2"},
        {HookObstacle::no_hook, "update_socket_protocol"},
        {HookObstacle::no_systemd, "systemd"},
        {HookObstacle::other_network, "network namespace"},
        {HookObstacle::refused, "no such luck"}};
    for (const auto& [obstacle, word] : cases) {
        HookWorld world;
        world.program_hook.present.obstacle = obstacle;
        world.program_hook.present.refusal = "no such luck";
        const ApplyReport report = world.apply();
        EXPECT_TRUE(report.verified && !report.failed) << explain(report);
        EXPECT_EQ(
            outcomes(report), (Names{"sysctl net.mptcp.enabled applied", "program-hook all unsupported"}));
        EXPECT_NE(report.changes[1].error.find(word), std::string::npos) << report.changes[1].error;
        world.options.strict = true;
        EXPECT_TRUE(world.apply().failed);
    }
}

TEST(ProgramHook, ThatTheKernelRefusesIsTriedOnce) {
    HookWorld world;
    world.program_hook.refuses = "the verifier says no";
    const ApplyReport report = world.apply();
    EXPECT_FALSE(report.failed) << explain(report);
    EXPECT_EQ(report.changes[1].outcome, Outcome::unsupported);
    EXPECT_NE(report.changes[1].error.find("the verifier says no"), std::string::npos);
    static_cast<void>(world.writes());
    world.load();
    world.run_for(60s);
    EXPECT_EQ(world.writes(), Names{});
}

TEST(ProgramHook, IsPreparedByTheBootAndAttachedAfterIt) {
    HookWorld world;
    world.options.scope.boot = true;
    world.options.scope.sections = {Section::sysctl, Section::program_hook};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified);
    EXPECT_EQ(outcomes(report), (Names{"sysctl net.mptcp.enabled applied", "program-hook all deferred"}));
    EXPECT_EQ(world.writes(), (Names{"write enabled", "prepare program hook"}));
    EXPECT_EQ(world.program_hook.present.prepared, to_text(hook_request(world.desired)));
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.writes(), Names{});
}

TEST(ProgramHook, IsNotPreparedWhereItsServiceWouldFail) {
    HookWorld world;
    world.program_hook.present.prepared = "of the last boot";
    world.program_hook.present.obstacle = HookObstacle::no_hook;
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.program_hook.present.prepared, "");

    world.program_hook.present.obstacle = HookObstacle::no_package; // it may be installed later
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.program_hook.present.prepared, to_text(hook_request(world.desired)));
}

TEST(ProgramHook, ThatIsNoLongerDeclaredIsNotAttachedByAnUpgradeOfItsPackage) {
    for (const bool by_reset : {false, true}) {
        HookWorld world;
        world.sysctls.values["enabled"] = "1";
        world.program_hook.present.obstacle = HookObstacle::no_package;
        EXPECT_TRUE(world.apply().verified);
        ASSERT_NE(world.program_hook.present.prepared, "");
        world.desired.all_programs.reset();
        EXPECT_TRUE((by_reset ? world.reset() : world.apply()).verified);
        EXPECT_EQ(world.program_hook.present.prepared, "");
    }
}

TEST(ProgramHook, WhoseChangeIsRevertedIsNotPrepared) {
    HookWorld world;
    world.program_hook.present.obstacle = HookObstacle::no_package;
    world.desired.subflows = declared(4U);
    world.options.atomic = true;
    world.watch_writes("set-limits");
    EXPECT_TRUE(world.apply().reverted);
    EXPECT_EQ(world.program_hook.present.prepared, "");
}

TEST(ProgramHook, WhoseReplacementTheKernelRefusesStaysAndTheApplyFails) {
    HookWorld world;
    world.settle();
    const std::string former = world.program_hook.present.request;
    world.program_hook.refuses = "no more of them";
    world.options.scope.sections = {Section::sysctl, Section::program_hook};
    world.desired.never["web.service"] = {"test.yaml", 11, 1};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed) << explain(report);
    EXPECT_NE(report.changes[0].error.find("no more of them"), std::string::npos);
    EXPECT_EQ(world.program_hook.present.request, former);
    EXPECT_NE(world.apply().changes[0].change.note.find("no more of them"), std::string::npos);

    world.load();
    world.run_for(60s);
    const Names lines = world.notices.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "failed all"), 1) << ::testing::PrintToString(lines);
    EXPECT_LE(world.writes().size(), 12U) << "it backs off";
}

TEST(ProgramHook, OfTheHostIsNotDetachedFromAContainerOrAnotherNetwork) {
    for (const HookObstacle obstacle : {HookObstacle::other_network, HookObstacle::no_systemd}) {
        HookWorld world;
        world.desired.all_programs.reset();
        world.program_hook.present = {.obstacle = obstacle, .is_attached = true};
        const ApplyReport report = world.apply();
        EXPECT_TRUE(report.verified) << explain(report);
        EXPECT_TRUE(world.program_hook.present.is_attached);
    }
}

TEST(ProgramHook, IsNotDetachedByTheBootUnitForWhichItsServiceWaits) {
    HookWorld world;
    world.settle();
    world.desired.all_programs.reset();
    world.options.scope.boot = true;
    world.options.scope.sections = {Section::sysctl, Section::program_hook};
    EXPECT_EQ(outcomes(world.apply()), Names{"program-hook all deferred"});
    EXPECT_TRUE(world.program_hook.present.is_attached);
}

TEST(ProgramHook, IsNotTouchedOutsideOfApplications) {
    HookWorld world;
    world.options.scope.sections = {Section::sysctl};
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.writes(), Names{"write enabled"});
}

TEST(ProgramHook, ThatAnotherProgramDetachesIsAttachedWithinTheInterval) {
    HookWorld world;
    world.load();
    world.run_for(3s);
    static_cast<void>(world.notices.take());
    world.program_hook.present.is_attached = false;
    world.run_for(1s);
    EXPECT_TRUE(world.program_hook.present.is_attached);
    EXPECT_EQ(world.notices.take(), Names{"repaired all"});

    world.program_hook.present.request = to_text({.all = true, .slices = {}, .excluded = {}});
    world.run_for(1s);
    EXPECT_EQ(world.program_hook.present.request, to_text(hook_request(world.desired)));
}

TEST(ProgramHook, IsOnlyReportedInModeReport) {
    HookWorld world;
    world.sysctls.values["enabled"] = "1";
    world.load(ReconcileMode::report);
    world.run_for(3s);
    EXPECT_EQ(world.notices.take(), Names{"drifted all"});
    EXPECT_FALSE(world.program_hook.present.is_attached);
}

TEST(ProgramHook, IsNotPolledIfNothingDeclaresIt) {
    HookWorld world;
    world.desired.all_programs.reset();
    world.load();
    world.run_for(3s);
    const int before = world.program_hook.observations;
    world.run_for(60s);
    EXPECT_EQ(world.program_hook.observations, before);
}

} // namespace
} // namespace keeper::test
