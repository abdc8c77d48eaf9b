// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reconciled_world.hpp"

namespace keeper {

namespace {

using test::outcomes;
using test::World;
using Names = std::vector<std::string>;

constexpr const char* service = "iperf3.service";

/// A declared service that is running; its drop-in does not exist yet.
struct UnitsWorld : World {
    UnitsWorld() {
        desired.units.emplace(service, Source{"test.yaml", 7, 5});
        units.present.known = {service};
        units.generated = written();
        run(service, 40);
    }
    void run(const std::string& unit, std::int64_t pid) {
        ObservedProcess process;
        process.pid = pid;
        process.name = "iperf3";
        process.unit = unit;
        process.sockets_known = true;
        process.tcp_sockets = 3;
        units.running.processes.push_back(process);
    }
    [[nodiscard]] std::map<std::string, std::string> written() const {
        std::map<std::string, std::string> texts;
        for (const auto& [unit, drop_in] : make_unit_drop_ins(desired.units, units.present).drop_ins) {
            texts.emplace(unit, drop_in.text);
        }
        return texts;
    }
};

TEST(Units, ANewDeclarationNeedsOneReloadAndNoRestart) {
    UnitsWorld world;
    const ApplyReport report = world.apply();
    EXPECT_EQ(world.take_writes(), Names{"reload"});
    EXPECT_EQ(outcomes(report), Names{"unit iperf3.service deferred"}) << test::explain(report);
    EXPECT_NE(report.changes[0].error.find("restart"), std::string::npos);
    EXPECT_TRUE(report.changed && report.verified && !report.failed);

    EXPECT_EQ(outcomes(world.apply()), Names{"unit iperf3.service deferred"});
    EXPECT_EQ(world.take_writes(), Names{}) << "nothing is left to write";
}

TEST(Units, RestartOnlyIfAllowedAndOnlyThoseThatNeedIt) {
    UnitsWorld world;
    world.desired.units.emplace("web.service", Source{"test.yaml", 8, 5});
    world.units.present.known.emplace_back("web.service");
    world.units.generated = world.written();
    world.run("web.service", 41);
    world.units.running.processes.back().mptcp_sockets = 1;
    world.options.scope.restart_units = true;
    const ApplyReport report = world.apply();
    EXPECT_EQ(world.take_writes(), (Names{"reload", "restart iperf3.service"}));
    EXPECT_EQ(outcomes(report), (Names{"unit iperf3.service applied", "unit web.service applied"}));
    EXPECT_EQ(report.changes[0].change.impact, Impact::connections_may_close);
    EXPECT_EQ(report.changes[0].change.connections_affected, 3U);
    EXPECT_TRUE(report.changed && report.verified && !report.failed);

    EXPECT_EQ(outcomes(world.apply()), Names{});
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(Units, ARestartThatDoesNotHelpFails) {
    UnitsWorld world;
    world.units.present.drop_ins = world.units.generated;
    world.options.scope.restart_units = true;
    world.units.restart_helps = false;
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), Names{"unit iperf3.service failed"}) << test::explain(report);
    EXPECT_EQ(world.take_writes(), Names{"restart iperf3.service"}) << "only once";
}

TEST(Units, OneThatDoesNotStartFailsAndTheOthersContinue) {
    UnitsWorld world;
    world.desired.units.emplace("web.service", Source{"test.yaml", 8, 5});
    world.units.present.known.emplace_back("web.service");
    world.units.present.drop_ins = world.written();
    world.run("web.service", 41);
    world.options.scope.restart_units = true;
    world.units.fail_write_of("restart iperf3.service", {ErrorKind::failed, "Job for iperf3.service failed"});
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), (Names{"unit iperf3.service failed", "unit web.service applied"}));
    EXPECT_EQ(report.changes[0].error, "Job for iperf3.service failed");
}

TEST(Units, OneThatIsNoLongerDeclaredLosesItsDropIn) {
    UnitsWorld world;
    world.units.present.drop_ins = world.units.generated;
    world.units.running.processes.clear();
    world.desired.units.clear();
    world.units.generated.clear();
    const ApplyReport report = world.apply();
    EXPECT_EQ(world.take_writes(), Names{"reload"});
    EXPECT_EQ(outcomes(report), Names{"unit iperf3.service applied"});
    EXPECT_EQ(world.units.program_reads, 0) << "nothing that concerns running programs is declared";
}

TEST(Units, ReloadComesLastAndWithAtomicItsFailureRevertsTheRest) {
    UnitsWorld world;
    world.desired.subflows = test::declared(4U);
    world.options.atomic = true;
    world.units.fail_write_of("reload", {ErrorKind::timed_out, "systemctl did not end in time"});
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), (Names{"limit subflows reverted", "unit iperf3.service failed"}));
    EXPECT_NE(world.path_manager.current_limits.subflows, 4U) << test::explain(report);
}

TEST(Units, WithAtomicAUnitThatFailsIsTakenBackToTcp) {
    UnitsWorld world;
    world.options.scope.restart_units = world.options.atomic = true;
    world.units.fail_write(2, {ErrorKind::failed, "it exited; see the journal"});
    const ApplyReport report = world.apply();
    EXPECT_EQ(
        world.take_writes(),
        (Names{"reload", "restart iperf3.service", "take back iperf3.service and restart it", "save"}));
    EXPECT_EQ(outcomes(report), Names{"unit iperf3.service failed"}) << test::explain(report);
    EXPECT_EQ(report.changes[0].error, "it was taken back to TCP: it exited; see the journal");
    EXPECT_TRUE(report.failed && report.reverted);
    EXPECT_EQ(world.units.present.taken_back.at(service), "it exited");

    EXPECT_EQ(outcomes(world.apply()), Names{"unit iperf3.service unsupported"}) << "it would fail again";
    EXPECT_EQ(world.take_writes(), Names{});
    world.units.present.taken_back.clear(); // as the administrator is told
    EXPECT_EQ(outcomes(world.apply()), Names{"unit iperf3.service applied"});
}

TEST(Units, WithAtomicUnitsGoBackIfAnotherFails) {
    UnitsWorld world;
    world.desired.units.emplace("web.service", Source{"test.yaml", 8, 5});
    world.units.present.known.emplace_back("web.service");
    world.units.generated = world.written();
    world.run("web.service", 41);
    world.options.scope.restart_units = world.options.atomic = true;
    world.units.fail_write_of("restart web.service", {ErrorKind::failed, "it exited"});
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), (Names{"unit iperf3.service reverted", "unit web.service failed"}))
        << test::explain(report);
    EXPECT_EQ(world.units.present.taken_back.at(service), "another item failed");

    static_cast<void>(world.take_writes());
    world.options.scope.restart_units = false;
    static_cast<void>(world.apply());
    EXPECT_EQ(world.take_writes(), Names{}) << "only --restart-units tries again";
    world.options.scope.restart_units = true;
    static_cast<void>(world.apply());
    EXPECT_EQ(world.take_writes(), (Names{"reload", "restart iperf3.service"}));
    EXPECT_EQ(world.units.present.taken_back.count("web.service"), 1U) << "it would fail again";
}

TEST(Units, WithAtomicNoUnitIsRestartedAfterOneFailed) {
    UnitsWorld world;
    world.desired.units.emplace("web.service", Source{"test.yaml", 8, 5});
    world.units.present.known.emplace_back("web.service");
    world.units.generated = world.written();
    world.run("web.service", 41);
    world.options.scope.restart_units = world.options.atomic = true;
    world.units.fail_write_of("restart iperf3.service", {ErrorKind::failed, "it exited"});
    const ApplyReport report = world.apply();
    EXPECT_EQ(
        world.take_writes(),
        (Names{
            "reload",
            "restart iperf3.service",
            "take back iperf3.service and restart it",
            "take back web.service",
            "save"}))
        << test::explain(report);
    EXPECT_EQ(outcomes(report), (Names{"unit iperf3.service failed", "unit web.service reverted"}));
}

TEST(Units, WithAtomicOneThatIsStillStartingIsNotRestartedOnceMore) {
    UnitsWorld world;
    world.options.scope.restart_units = world.options.atomic = true;
    world.units.fail_write_of(
        "restart iperf3.service", {ErrorKind::timed_out, "it is still starting after 200 s; see it"});
    const ApplyReport report = world.apply();
    EXPECT_EQ(
        world.take_writes(), (Names{"reload", "restart iperf3.service", "take back iperf3.service", "save"}))
        << test::explain(report);
    EXPECT_EQ(world.units.present.taken_back.at(service), "it is still starting after 200 s");
}

TEST(Units, WithAtomicTheyGoBackWhileMptcpIsStillOn) {
    UnitsWorld world;
    world.sysctls.values["enabled"] = "0";
    world.desired.sysctls["enabled"] = test::declared(std::string("1"));
    world.options.scope.restart_units = world.options.atomic = true;
    std::vector<std::string> order;
    world.on_every_write([&](std::string_view write) -> std::optional<Error> {
        order.emplace_back(write);
        return write == "restart iperf3.service" ? std::optional(Error{ErrorKind::failed, "it exited"})
                                                 : std::nullopt;
    });
    static_cast<void>(world.apply());
    std::erase(order, "save");
    EXPECT_EQ(
        order,
        (Names{
            "write enabled",
            "reload",
            "restart iperf3.service",
            "take back iperf3.service and restart it",
            "write enabled"}));
}

TEST(Units, WithAtomicAUnitThatFailsAlreadyIsTakenBackAndNothingElseIsReverted) {
    UnitsWorld world;
    world.desired.subflows = test::declared(4U);
    world.units.present.drop_ins = world.units.generated;
    world.units.running.processes.clear();
    world.units.present.failed[service] = {
        .result = "exit-code", .status = "3", .executable = "", .started_us = 20};
    world.units.present.turned[service] = {.since_us = 10, .was_running = true, .mptcp_start_us = 1};
    world.options.scope.restart_units = true;
    EXPECT_EQ(outcomes(world.apply()).back(), "unit iperf3.service failed");
    EXPECT_TRUE(world.units.present.taken_back.empty()) << "only --atomic takes it back";

    world.desired.subflows = test::declared(5U);
    world.options.atomic = true;
    static_cast<void>(world.take_writes());
    const ApplyReport report = world.apply();
    EXPECT_EQ(outcomes(report), (Names{"unit iperf3.service failed", "limit subflows applied"}))
        << test::explain(report);
    EXPECT_TRUE(report.failed && !report.reverted);
    EXPECT_EQ(world.units.present.taken_back.at(service), "it failed (exit-code, status 3)");
    EXPECT_EQ(world.path_manager.current_limits.subflows, 5U);
    const Names writes = world.take_writes();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "take back iperf3.service and restart it"), 1);
}

TEST(Units, WithAtomicAUnitThatStaysOnTcpIsTakenBack) {
    UnitsWorld world;
    world.options.scope.restart_units = world.options.atomic = true;
    world.units.restart_helps = false;
    const ApplyReport report = world.apply();
    EXPECT_EQ(
        world.take_writes(),
        (Names{"reload", "restart iperf3.service", "take back iperf3.service and restart it", "save"}))
        << test::explain(report);
}

TEST(Units, AreLeftAloneByTheDaemonAndAtBoot) {
    UnitsWorld world;
    world.options.scope.boot = true;
    EXPECT_EQ(outcomes(world.apply()), Names{});
    EXPECT_EQ(world.take_writes(), Names{});
    EXPECT_EQ(world.units.program_reads, 0);
}

TEST(Units, DisablingNamesThePrograms) {
    World world;
    world.sysctls.values["enabled"] = "1";
    world.desired.sysctls["enabled"] = test::declared(std::string("0"));
    ObservedProcess process;
    process.pid = 77;
    process.name = "nginx";
    process.unit = "nginx.service";
    process.sockets_known = true;
    process.mptcp_sockets = 2;
    world.units.running.processes = {process};
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified);
    ASSERT_EQ(report.warnings.size(), 1U);
    EXPECT_NE(report.warnings[0].find("nginx (pid 77, nginx.service) has 2 MPTCP"), std::string::npos);
}

TEST(Units, TheDaemonNamesTheProgramsThatDisablingAffectsOncePerLoad) {
    test::ReconciledWorld world;
    world.sysctls.values["enabled"] = "1";
    world.desired.sysctls["enabled"] = test::declared(std::string("0"));
    ObservedProcess process;
    process.pid = 77;
    process.name = "nginx";
    process.sockets_known = true;
    process.mptcp_sockets = 2;
    world.units.running.processes = {process};
    const auto times_named = [&] {
        const auto lines = world.notices.take();
        return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
            return line.find("nginx (pid 77)") != std::string::npos;
        });
    };
    world.load();
    world.run_for(std::chrono::seconds(3));
    EXPECT_EQ(times_named(), 1);
    world.write_sysctl("enabled", "1");
    world.run_for(std::chrono::seconds(3));
    EXPECT_EQ(world.sysctls.values.at("enabled"), "0");
    EXPECT_EQ(times_named(), 0);
}

} // namespace

} // namespace keeper
