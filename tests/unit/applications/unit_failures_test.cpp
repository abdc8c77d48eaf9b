// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/unit_failures.hpp"

#include <gtest/gtest.h>

#include "applications/unit_states.hpp"

namespace keeper {
namespace {

constexpr std::uint64_t declared_at_us = 500;

ObservedUnits host_with_failure(std::uint64_t started_us, bool was_running) {
    ObservedUnits host;
    host.known = {"web.service"};
    host.failed["web.service"] = {
        .result = "exit-code", .status = "3", .executable = "/usr/sbin/web", .started_us = started_us};
    host.turned["web.service"] = {
        .since_us = declared_at_us, .was_running = was_running, .mptcp_start_us = 1};
    return host;
}

UnitStatus failed_status_of(const ObservedUnits& host) {
    return unit_states({{"web.service", {"a.yaml", 3, 5}}}, host, {}).at(0);
}

bool failure_reason_has(const UnitStatus& status, const char* text) {
    return status.reason.find(text) != std::string::npos;
}

TEST(UnitFailures, AUnitThatRanUntilItWasDeclaredIsExplained) {
    const UnitStatus status = failed_status_of(host_with_failure(declared_at_us + 1, true));
    EXPECT_EQ(status.state, UnitState::not_running);
    EXPECT_TRUE(status.fails_with_mptcp);
    for (const char* text :
         {"(exit-code, status 3)",
          "was running when it was declared",
          "TCP_MD5SIG",
          "applications.never",
          "`systemctl reset-failed web.service; systemctl restart web.service`"}) {
        EXPECT_TRUE(failure_reason_has(status, text)) << text << ": " << status.reason;
    }
}

TEST(UnitFailures, AKnownProgramIsExplainedByItsOption) {
    ObservedUnits host = host_with_failure(declared_at_us + 1, true);
    host.failed["web.service"].executable = "/usr/bin/gobgpd";
    EXPECT_TRUE(failure_reason_has(failed_status_of(host), "GoBGP uses TCP_MD5SIG"))
        << failed_status_of(host).reason;
    EXPECT_FALSE(failure_reason_has(failed_status_of(host), "TCP_REPAIR"));
}

TEST(UnitFailures, AUnitThatFailedBeforeIsNotBlamedOnMptcp) {
    const UnitStatus before = failed_status_of(host_with_failure(declared_at_us - 1, false));
    EXPECT_FALSE(before.fails_with_mptcp);
    EXPECT_TRUE(failure_reason_has(before, "before it was declared")) << before.reason;
    EXPECT_FALSE(failure_reason_has(before, "MPTCP"));
    // started again later, but it was not running: the cause is not known
    EXPECT_FALSE(failed_status_of(host_with_failure(declared_at_us + 1, false)).fails_with_mptcp);
    // it was running, and its failure is that of an earlier start
    EXPECT_FALSE(failed_status_of(host_with_failure(declared_at_us - 1, true)).fails_with_mptcp);
}

TEST(UnitFailures, AStartWithoutMptcpIsNotBlamedOnMptcp) {
    ObservedUnits host = host_with_failure(declared_at_us + 1, true);
    EXPECT_TRUE(was_started_with_mptcp("web.service", host.turned));
    host.turned["web.service"].mptcp_start_us = 0;
    EXPECT_FALSE(was_started_with_mptcp("web.service", host.turned));
    EXPECT_FALSE(failed_status_of(host).fails_with_mptcp);
    EXPECT_TRUE(failure_reason_has(failed_status_of(host), "its last start was without MPTCP sockets"));
    // no main process was ever started
    EXPECT_FALSE(failed_status_of(host_with_failure(0, true)).fails_with_mptcp);
    EXPECT_FALSE(was_started_with_mptcp("other.service", host.turned));
}

TEST(UnitFailures, ARestartForTcpIsNotBlamedOnMptcp) {
    const FailedService failure{.result = "exit-code", .status = "3", .executable = "", .started_us = 0};
    EXPECT_EQ(
        describe_failed_restart("web.service", failure, UnitProtocol::tcp),
        "it exited after the restart (exit-code, status 3); see `journalctl -u web.service`");
    const std::string mptcp = describe_failed_restart("web.service", failure, UnitProtocol::mptcp);
    EXPECT_NE(mptcp.find("TCP_ULP (kTLS)"), std::string::npos) << mptcp;
    EXPECT_NE(mptcp.find("applications.never"), std::string::npos);
    EXPECT_NE(mptcp.find("`systemctl reset-failed web.service; "), std::string::npos)
        << "after a start limit";
}

TEST(UnitFailures, WithoutARecordTheCauseIsOpen) {
    ObservedUnits host = host_with_failure(declared_at_us + 1, true);
    host.turned.clear();
    EXPECT_FALSE(failed_status_of(host).fails_with_mptcp);
    EXPECT_TRUE(failure_reason_has(failed_status_of(host), "if it does not work with MPTCP sockets"));
    EXPECT_TRUE(failure_reason_has(failed_status_of(host), "`systemctl reset-failed web.service; "));
}

TEST(UnitFailures, UnitsThatWereTakenBackStaySoWhileTheyAreDeclared) {
    UnitDropIns drop_ins;
    drop_ins.drop_ins["good@.service"] = {"text", "a.yaml:3"};
    drop_ins.drop_ins["never.service"] = {"text", "a.yaml:4", UnitProtocol::tcp};
    const auto undeclared = leave_taken_back(
        {{"good@.service", "x"}, {"good@1.service", "x"}, {"gone.service", "x"}, {"never.service", "x"}},
        drop_ins);
    EXPECT_EQ(undeclared, (std::vector<std::string>{"gone.service", "never.service"}));
    EXPECT_EQ(drop_ins.drop_ins.at("good@.service").text, taken_back_text());
    EXPECT_EQ(drop_ins.drop_ins.at("good@1.service").text, taken_back_text());
    EXPECT_EQ(drop_ins.drop_ins.at("never.service").text, "text");
}

TEST(UnitFailures, AUnitThatWasTakenBackNamesTheReason) {
    ObservedUnits host;
    host.known = {"web.service"};
    host.taken_back["web.service"] = "it exited";
    ProcessList running;
    ObservedProcess process;
    process.unit = "web.service";
    process.sockets_known = true;
    process.tcp_sockets = 1;
    running.processes = {process};
    const UnitStatus status = unit_states({{"web.service", {}}}, host, running).at(0);
    EXPECT_EQ(status.state, UnitState::ineffective);
    EXPECT_FALSE(status.may_be_tried_again) << "it would fail again";
    EXPECT_TRUE(failure_reason_has(status, "took it back to TCP: it exited;")) << status.reason;
}

} // namespace
} // namespace keeper
