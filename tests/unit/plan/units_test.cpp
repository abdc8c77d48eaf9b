// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/unit_drop_ins.hpp"
#include "plan/plan.hpp"

namespace keeper {

namespace {

constexpr const char* service = "iperf3.service";
const Source declared_at{"/etc/mptcp-keeper/config.yaml", 3, 5};

/// A host with one declared service and its drop-in; no process is running.
struct UnitCase {
    DesiredState desired;
    ObservedState observed;
    Scope scope;

    explicit UnitCase(const std::string& declared = service) {
        desired.units.emplace(declared, declared_at);
        observed.units.emplace();
        observed.units->systemd_runs = observed.units->has_generator = true;
        observed.units->systemd_version = 257;
        observed.units->known = {service, "web@.service", "web.socket"};
        observed.units->sockets["web.socket"] = {{{std::nullopt, 80}}, ""};
        observed.programs.emplace();
        for (const auto& [unit, drop_in] : make_unit_drop_ins(desired.units, *observed.units).drop_ins) {
            observed.units->drop_ins.emplace(unit, drop_in.text);
        }
    }
    ObservedProcess& run(const std::string& unit = service) {
        ObservedProcess process;
        process.pid = 40;
        process.name = "iperf3";
        process.unit = unit;
        process.sockets_known = true;
        process.tcp_sockets = 2;
        observed.programs->processes.push_back(process);
        return observed.programs->processes.back();
    }
    [[nodiscard]] Plan plan() const { return make_plan(desired, observed, {}, scope); }
    [[nodiscard]] Change only_change() const {
        const Plan made = plan();
        EXPECT_EQ(made.changes.size(), 1U);
        return made.changes.empty() ? Change{} : made.changes[0];
    }
};

TEST(PlanUnits, InEffectOrNotRunningIsInSync) {
    UnitCase host;
    EXPECT_TRUE(host.plan().changes.empty());
    host.run().mptcp_sockets = 1;
    EXPECT_TRUE(host.plan().changes.empty());
    host.observed.units->drop_ins[service].replace(0, 3, "# moved");
    EXPECT_TRUE(host.plan().changes.empty()) << "the position of the declaration does not matter";
}

/// A unit that must stay on TCP, and has MPTCP sockets because of its environment.
UnitCase host_with_never() {
    UnitCase host("web@*.service");
    host.desired.units.clear();
    host.desired.never.emplace(service, declared_at);
    host.observed.units->drop_ins.clear();
    ObservedProcess& process = host.run();
    process.has_preload = process.asks_for_preload = true;
    process.mptcp_sockets = 1;
    return host;
}

TEST(PlanUnits, NeverLeadsFromMptcpToTcpByAReloadAndARestart) {
    UnitCase host = host_with_never();
    Change change = host.only_change();
    EXPECT_EQ(change.key, service);
    EXPECT_EQ(change.before, Value(std::string("mptcp")));
    EXPECT_EQ(change.after, Value(std::string("tcp")));
    EXPECT_EQ(change.action, Action(ChangeUnit{service, true, false}));
    host.scope.restart_units = true;
    EXPECT_EQ(host.only_change().action, Action(ChangeUnit{service, true, true}));
    host.observed.programs->processes.clear();
    change = host.only_change();
    EXPECT_EQ(change.before, Value()) << "nothing has MPTCP sockets";
    EXPECT_EQ(change.action, Action(ChangeUnit{service, true, false}));
}

TEST(PlanUnits, ADropInOfNeverGoesWhenItIsNoLongerDeclared) {
    UnitCase host = host_with_never();
    host.observed.programs->processes.clear();
    for (const auto& [unit, drop_in] :
         make_unit_drop_ins({}, *host.observed.units, {}, host.desired.never).drop_ins) {
        host.observed.units->drop_ins.emplace(unit, drop_in.text);
    }
    EXPECT_TRUE(host.plan().changes.empty());
    host.desired.never.clear();
    EXPECT_EQ(host.only_change().before, Value(std::string("tcp")));
    EXPECT_EQ(host.only_change().after, Value());
    EXPECT_EQ(host.only_change().action, Action(ChangeUnit{service, true, false}));
}

TEST(PlanUnits, AProgramThatIsKnownToBreakIsAWarningOnce) {
    UnitCase host("gobgpd.service");
    host.observed.units->known.emplace_back("gobgpd.service");
    std::vector<std::string> warnings = host.plan().warnings;
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("GoBGP uses TCP_MD5SIG"), std::string::npos) << warnings[0];
    EXPECT_NE(warnings[0].find("applications.never"), std::string::npos);
    UnitCase other;
    other.run().executable = "/usr/sbin/bird";
    warnings = other.plan().warnings;
    ASSERT_EQ(warnings.size(), 1U) << "by the executable of a running unit";
    EXPECT_NE(warnings[0].find("BIRD"), std::string::npos);
}

TEST(PlanUnits, AUnitThatFailsSinceItWasDeclaredIsAWarningAndFailsARestart) {
    UnitCase host;
    host.observed.units->failed[service] = {
        .result = "exit-code", .status = "3", .executable = "", .started_us = 20};
    host.observed.units->turned[service] = {.since_us = 10, .was_running = true, .mptcp_start_us = 1};
    EXPECT_TRUE(host.plan().in_sync());
    ASSERT_EQ(host.plan().warnings.size(), 1U);
    EXPECT_NE(host.plan().warnings[0].find("was running when it was declared"), std::string::npos);
    host.scope.restart_units = true;
    EXPECT_EQ(host.only_change().actionability, Actionability::blocked);
    EXPECT_TRUE(host.plan().warnings.empty());
}

TEST(PlanUnits, AUnitThatFailedAndWasTakenBackIsNotTriedAgain) {
    UnitCase host;
    host.run();
    host.observed.units->drop_ins[service] = "# Taken back\n";
    host.observed.units->taken_back[service] = "it exited";
    for (const bool restart_units : {false, true}) {
        host.scope.restart_units = restart_units;
        EXPECT_EQ(host.only_change().actionability, Actionability::unsupported);
        EXPECT_NE(
            host.only_change().note.find("run `rm /run/mptcp-keeper/taken-back/iperf3.service`"),
            std::string::npos)
            << host.only_change().note;
    }
    host.observed.units->taken_back.clear();
    EXPECT_EQ(host.only_change().action, Action(ChangeUnit{service, true, true}));
}

TEST(PlanUnits, AUnitThatWasTakenBackWithOthersIsTriedAgainByARestartOnly) {
    UnitCase host;
    host.run();
    host.observed.units->drop_ins[service] = "# Taken back\n";
    host.observed.units->taken_back[service] = "another item failed";
    EXPECT_EQ(host.only_change().actionability, Actionability::deferred);
    EXPECT_NE(host.only_change().note.find("apply --restart-units"), std::string::npos);
    host.scope.restart_units = true;
    EXPECT_EQ(host.only_change().action, Action(ChangeUnit{service, true, true, true}));
}

TEST(PlanUnits, DropInThatIsMissingOrOldIsWrittenByAReload) {
    UnitCase host;
    host.observed.units->drop_ins[service] += "Environment=OLD=1\n";
    EXPECT_EQ(host.only_change().action, Action(ChangeUnit{service, true, false}));
    host.observed.units->drop_ins.clear();
    const Change change = host.only_change();
    EXPECT_EQ(change.action, Action(ChangeUnit{service, true, false}));
    EXPECT_EQ(change.before, Value());
    EXPECT_EQ(change.after, Value(std::string("mptcp")));
    EXPECT_EQ(change.source, "/etc/mptcp-keeper/config.yaml:3");
    EXPECT_FALSE(host.plan().in_sync());
}

TEST(PlanUnits, RunningWithoutMptcpWaitsForAnAllowedRestart) {
    UnitCase host;
    host.run();
    Change change = host.only_change();
    EXPECT_EQ(change.actionability, Actionability::deferred);
    EXPECT_NE(change.note.find("apply --restart-units"), std::string::npos);
    EXPECT_TRUE(host.plan().in_sync());
    host.scope.restart_units = true;
    change = host.only_change();
    EXPECT_EQ(change.action, Action(ChangeUnit{service, false, true}));
    EXPECT_EQ(change.before, Value(std::string("tcp")));
    EXPECT_EQ(change.impact, Impact::connections_may_close);
    EXPECT_EQ(change.connections_affected, 2U);
}

TEST(PlanUnits, InstanceOfATemplateIsRestartedUnderItsOwnName) {
    UnitCase host("web@*.service");
    host.run("web@red.service");
    host.scope.restart_units = true;
    EXPECT_EQ(host.only_change().action, Action(ChangeUnit{"web@red.service", false, true}));
}

TEST(PlanUnits, AnIneffectiveUnitIsReportedAndDoesNotFailAnApply) {
    UnitCase host;
    host.run().is_static = true;
    EXPECT_EQ(host.only_change().actionability, Actionability::unsupported);
    EXPECT_EQ(UnitCase("no.service").only_change().actionability, Actionability::deferred);
}

TEST(PlanUnits, SocketUnitOfAnOldSystemdIsAnError) {
    UnitCase host("web.socket");
    host.observed.units->systemd_version = 252;
    host.observed.units->drop_ins.clear();
    EXPECT_EQ(host.only_change().actionability, Actionability::blocked);
    EXPECT_NE(host.only_change().note.find("systemd 252"), std::string::npos);
}

TEST(PlanUnits, UnreadableProcessesLeadToNoConclusion) {
    UnitCase host;
    ObservedProcess& process = host.run();
    process.sockets_known = false;
    process.tcp_sockets = 0;
    const Plan plan = host.plan();
    EXPECT_TRUE(plan.changes.empty());
    ASSERT_EQ(plan.warnings.size(), 1U);
    EXPECT_NE(plan.warnings[0].find("as root"), std::string::npos);
}

TEST(PlanUnits, ADeclarationFromConfigDoesNotChangeDropIns) {
    UnitCase host;
    host.scope.is_candidate = true;
    host.observed.units->drop_ins = {{"other.service", "[Service]\n"}};
    EXPECT_EQ(host.only_change().actionability, Actionability::deferred)
        << "and the drop-ins of the files are kept";
}

TEST(PlanUnits, IsBlockedWithoutGeneratorAndEmptyWithoutSystemd) {
    UnitCase host;
    host.observed.units->drop_ins.clear();
    host.observed.units->has_generator = false;
    EXPECT_EQ(host.only_change().actionability, Actionability::blocked);
    host.observed.units->systemd_runs = false;
    EXPECT_TRUE(host.plan().changes.empty());
}

TEST(PlanUnits, AUnitNoLongerDeclaredLosesItsDropIn) {
    UnitCase host;
    host.desired.units.clear();
    const Change change = host.only_change();
    EXPECT_EQ(change.action, Action(ChangeUnit{service, true, false}));
    EXPECT_EQ(change.before, Value(std::string("mptcp")));
    EXPECT_EQ(change.after, Value());
}

} // namespace

} // namespace keeper
