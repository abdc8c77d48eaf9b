#include "diagnose/leftovers.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

const std::string unit = "/etc/systemd/system/set_mptcp_limit.service";

TEST(Leftovers, ReadsSysctlLinesAsSystemdDoes) {
    const std::vector<SysctlLine> lines = sysctl_lines(
        {{"/etc/sysctl.d/90-mptcp.conf",
          "# net.mptcp.enabled=0\n"
          "; net.mptcp.enabled=0\n"
          "net.mptcp.enabled=1\n"
          "-net.mptcp.add_addr_timeout = 30 \n"
          "net/mptcp/stale_loss_cnt\t=\t8\r\n"
          "net.ipv4.ip_forward=1\n"
          "net.mptcp.enabled\n"},
         {"/etc/sysctl.conf", "net.mptcp.enabled=0"}});
    EXPECT_EQ(
        lines,
        (std::vector<SysctlLine>{
            {"enabled", "1", "/etc/sysctl.d/90-mptcp.conf", 3},
            {"add_addr_timeout", "30", "/etc/sysctl.d/90-mptcp.conf", 4},
            {"stale_loss_cnt", "8", "/etc/sysctl.d/90-mptcp.conf", 5},
            {"enabled", "0", "/etc/sysctl.conf", 1}}));
}

TEST(Leftovers, ReadsTheLimitsOfAUnitInEachSpellingOfIproute2) {
    const auto limits_of = [](const std::string& command) {
        return limit_lines({{unit, "[Service]\nExecStart=" + command + "\n"}});
    };
    EXPECT_EQ(
        limits_of("ip mptcp limits set subflows 3"), (std::vector<LimitLine>{{"subflows", "3", unit, 2}}));
    EXPECT_EQ(
        limits_of("/usr/sbin/ip mptcp limits set subflow 3 add_addr 2"),
        (std::vector<LimitLine>{{"subflows", "3", unit, 2}, {"add_addr_accepted", "2", unit, 2}}));
    EXPECT_EQ(
        limits_of("/bin/sh -c \"ip mptcp limits set subflows 3; true\""),
        (std::vector<LimitLine>{{"subflows", "3", unit, 2}}));
    EXPECT_TRUE(limits_of("ip mptcp limits show").empty());
    EXPECT_TRUE(limits_of("ip mptcp endpoint add 192.0.2.1 subflow").empty());
}

TEST(Leftovers, ReadsWhatScriptsAndUnitsCall) {
    EXPECT_EQ(
        limit_lines_of_scripts(
            {{"/etc/rc.local",
              "#!/bin/sh\n# ip mptcp limits set subflows 1\nip mptcp limits set subflows 4\n"}}),
        (std::vector<LimitLine>{{"subflows", "4", "/etc/rc.local", 3}}));
    EXPECT_EQ(
        sysctl_calls(
            {{unit, "[Service]\nExecStart=/sbin/sysctl -w net.mptcp.enabled=1 net.mptcp.scheduler=default\n"},
             {"/etc/rc.local",
              "sysctl -n net.mptcp.enabled || true\nsh -c 'sysctl -qw net.mptcp.pm_type=1'\n"}}),
        (std::vector<SysctlLine>{
            {"enabled", "1", unit, 2},
            {"scheduler", "default", unit, 2},
            {"pm_type", "1", "/etc/rc.local", 2}}));
}

TEST(Leftovers, LineOfADropInIsRemovedAndNoUnitDisabled) {
    DesiredState desired;
    desired.subflows = Declared<std::uint32_t>{3, {"config.yaml", 4, 3}};
    const auto rivals =
        rivals_on_disk(desired, {}, {{"subflows", "8", "/etc/systemd/system/x.service.d/y.conf", 5}});
    ASSERT_EQ(rivals.size(), 1U);
    EXPECT_TRUE(rivals[0].ends_with("; remove that line")) << rivals[0];
}

TEST(Leftovers, NamesOnlyWhatSaysOtherwise) {
    DesiredState desired;
    desired.sysctls["enabled"] = {"1", {"config.yaml", 2, 3}};
    desired.subflows = Declared<std::uint32_t>{3, {"config.yaml", 4, 3}};
    const std::vector<SysctlLine> sysctls{
        {"enabled", "0", "/etc/sysctl.d/90.conf", 1},
        {"enabled", "1", "/etc/sysctl.d/91.conf", 1},
        {"scheduler", "odd", "/etc/sysctl.d/91.conf", 2}};
    EXPECT_TRUE(rivals_on_disk(desired, sysctls, {{"subflows", "3", unit, 5}}).empty())
        << "the last line counts";
    const auto rivals = rivals_on_disk(desired, {sysctls[0]}, {{"subflows", "8", unit, 5}});
    ASSERT_EQ(rivals.size(), 2U);
    EXPECT_EQ(
        rivals[0],
        "/etc/sysctl.d/90.conf:1 sets net.mptcp.enabled to 0 at boot, and config.yaml:2 declares 1; remove "
        "that line");
    EXPECT_EQ(
        rivals[1],
        unit + ":5 sets the limit subflows to 8, and config.yaml:4 declares 3; `systemctl disable --now "
               "set_mptcp_limit.service` retires it");
}

} // namespace
} // namespace keeper
