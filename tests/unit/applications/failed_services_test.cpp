// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/failed_services.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

/// A unit in the output of `systemctl show`.
std::string shown_unit(const std::string& name, const std::string& state, const std::string& result) {
    const std::size_t slash = state.find('/');
    return "Result=" + result +
           "\nExecMainStartTimestampMonotonic=77\nExecMainStatus=3\n"
           "ExecStart={ path=/usr/sbin/web ; argv[]=/usr/sbin/web -x ; ignore_errors=no ; start_time=[n/a] ; "
           "stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\nId=" +
           name + "\nActiveState=" + state.substr(0, slash) + "\nSubState=" + state.substr(slash + 1) + "\n";
}

const FailedService exit_code{
    .result = "exit-code", .status = "3", .executable = "/usr/sbin/web", .started_us = 77};

TEST(FailedServices, AreThoseThatFailedOrAreRestartedAfterAFailure) {
    const auto failures = parse_failures(
        shown_unit("a.service", "failed/failed", "exit-code") + "\n" +
        shown_unit("b.service", "activating/auto-restart", "exit-code") + "\n" +
        shown_unit("c.service", "activating/auto-restart-queued", "exit-code") + "\n" +
        shown_unit("d.service", "active/running", "success"));
    const std::map<std::string, FailedService> expected{
        {"a.service", exit_code}, {"b.service", exit_code}, {"c.service", exit_code}};
    EXPECT_EQ(failures, expected);
}

TEST(FailedServices, ARestartAfterASuccessfulEndIsNoFailure) {
    for (const char* state : {"activating/auto-restart", "activating/auto-restart-queued"}) {
        EXPECT_TRUE(parse_failures(shown_unit("a.service", state, "success")).empty()) << state;
    }
}

TEST(FailedServices, ACommandMayHaveSeveralLines) {
    std::string shown = shown_unit("a.service", "failed/failed", "exit-code");
    shown.replace(shown.find("web -x"), 6, "web -c 'a() {\n }\n\nId=other.service\nResult=success'");
    const std::map<std::string, FailedService> expected{{"a.service", exit_code}};
    EXPECT_EQ(parse_failures(shown), expected);
}

TEST(FailedServices, NothingIsReadFromOtherText) {
    for (const char* text : {"", "\n\n", "ActiveState", "Id=a.service\n", "=\n", "ExecStart={ path=\n\n"}) {
        EXPECT_TRUE(parse_failures(text).empty()) << text;
    }
}

} // namespace
} // namespace keeper
