// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/disabling.hpp"

namespace keeper {

namespace {

DesiredState declaring(const char* enabled) {
    DesiredState desired;
    desired.sysctls["enabled"] = {enabled, {"/etc/mptcp-keeper/config.yaml", 2, 3}};
    return desired;
}

ObservedProcess process(std::int64_t pid, const char* name, const char* unit) {
    ObservedProcess process;
    process.pid = pid;
    process.name = name;
    process.unit = unit;
    process.sockets_known = true;
    return process;
}

ProcessList some() {
    ProcessList list;
    list.processes = {
        process(11, "plain", ""),
        process(12, "web", "web.service"),
        process(13, "sh", ""),
        process(14, "elsewhere", "x.service"),
        process(15, "go", "")};
    list.processes[0].tcp_sockets = 3;
    list.processes[1].mptcp_sockets = 2;
    list.processes[2].has_preload = true;
    list.processes[3].mptcp_sockets = 1;
    list.processes[3].same_network = false;
    list.processes[4].asks_go = true;
    return list;
}

TEST(Disabling, ListsProcessesWithMptcpSocketsOrPreload) {
    const std::vector<std::string> expected{
        "/etc/mptcp-keeper/config.yaml:2: MPTCP is disabled: web (pid 12, web.service) has 2 MPTCP "
        "sockets; open sockets continue to work, but its next one will fail unless it falls back to TCP",
        "/etc/mptcp-keeper/config.yaml:2: MPTCP is disabled: sh (pid 13) has libmptcpwrap preloaded: its "
        "next socket will fail"};
    EXPECT_EQ(broken_by_disabling(declaring("0"), some()), expected);
}

TEST(Disabling, ReportsUnreadableProcesses) {
    ProcessList list;
    list.unreadable = 7;
    const auto sentences = broken_by_disabling(declaring("0"), list);
    ASSERT_EQ(sentences.size(), 1U);
    EXPECT_NE(
        sentences[0].find("7 more processes could not be read; run `mptcp-keeper diff` as root"),
        std::string::npos);
}

TEST(Disabling, WarnsOnlyIfDeclared) {
    EXPECT_TRUE(broken_by_disabling(declaring("1"), some()).empty());
    EXPECT_TRUE(broken_by_disabling({}, some()).empty());
}

} // namespace

} // namespace keeper
