// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/rivals.hpp"

#include <gtest/gtest.h>

#include "host_config/mechanisms.hpp"

namespace keeper {
namespace {

const std::string limit_unit_path = "/etc/systemd/system/set_mptcp_limit.service";

TEST(SysctlLines, AreParsedAsBySystemd) {
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

TEST(SysctlLines, SpelledOutNamesOverrideGlobs) {
    const std::vector<SysctlLine> lines =
        sysctl_lines({{"/etc/sysctl.d/90.conf", "net.mptcp.enabled=1\nnet/mptcp/[ec]*=0\n"}});
    EXPECT_EQ(
        lines,
        (std::vector<SysctlLine>{
            {"checksum_enabled", "0", "/etc/sysctl.d/90.conf", 2},
            {"close_timeout", "0", "/etc/sysctl.d/90.conf", 2},
            {"enabled", "0", "/etc/sysctl.d/90.conf", 2},
            {"enabled", "1", "/etc/sysctl.d/90.conf", 1}}));
}

HostSettings settings_of_unit(const std::string& text) {
    static const HostMechanism units{.name = "systemd", .syntax = Syntax::unit};
    return settings_of({{.file = {limit_unit_path, text}, .mechanism = &units}}, WithIdle::no);
}

TEST(HostSettings, ContainLimitsInEachSpellingOfIproute2) {
    const auto limits_of = [](const std::string& command) {
        return settings_of_unit("[Service]\nExecStart=" + command + "\n").limits;
    };
    EXPECT_EQ(
        limits_of("ip mptcp limits set subflows 3"),
        (std::vector<LimitLine>{{"subflows", "3", limit_unit_path, 2}}));
    EXPECT_EQ(
        limits_of("-/usr/sbin/ip -6 mptcp lim set subflow 3 add_addr 2"),
        (std::vector<LimitLine>{
            {"subflows", "3", limit_unit_path, 2}, {"add_addr_accepted", "2", limit_unit_path, 2}}));
    EXPECT_EQ(
        limits_of("/bin/sh -c \"ip mptcp limits set subflows 3; true\""),
        (std::vector<LimitLine>{{"subflows", "3", limit_unit_path, 2}}));
    EXPECT_TRUE(limits_of("ip mptcp limits show").empty());
    EXPECT_TRUE(limits_of("ip mptcp endpoint add 192.0.2.1 subflow").empty());
    EXPECT_TRUE(limits_of("ip -n other mptcp limits set subflows 3").empty()) << "in another namespace";
    EXPECT_TRUE(limits_of("ip netns exec other ip mptcp limits set subflows 3").empty());
}

TEST(HostSettings, IncludeFilesWithoutEffectOnlyOnRequest) {
    static const HostMechanism scripts{.name = "scripts"};
    const std::vector<MechanismFile> files{
        {.file = {"/etc/rc.local", "ip mptcp limits set subflows 4\n"}, .mechanism = &scripts},
        {.file = {"/etc/ppp/ip-up", "ip mptcp limits set subflows 1\n"},
         .mechanism = &scripts,
         .idle = "it is not executable"}};
    const LimitLine active{"subflows", "4", "/etc/rc.local", 1};
    EXPECT_EQ(settings_of(files, WithIdle::no).limits, std::vector<LimitLine>{active});
    EXPECT_EQ(settings_of(files, WithIdle::yes).limits.back(), active) << "the last one applies";
}

HostSettings with_limit(const std::string& value, const std::string& file) {
    HostSettings settings;
    settings.limits = {{"subflows", value, file, 5}};
    return settings;
}

TEST(Rivals, IncludeFilesThatAddOtherFlagsOrFlushEndpoints) {
    DesiredState desired;
    const SocketAddress key = parse_socket_address("192.0.2.1").value();
    DesiredEndpoint& endpoint = desired.endpoints[key];
    endpoint.flags = {EndpointFlag::subflow};
    endpoint.source = {"config.yaml", 3, 5};
    HostSettings settings;
    settings.endpoints = {
        {key, "", {EndpointFlag::subflow}, "/etc/rc.local", 2},
        {key, "", {EndpointFlag::signal}, "/etc/network/if-up.d/mptcp", 4}};
    settings.endpoint_edits = {{true, "/etc/rc.local", 1}, {false, "/etc/rc.local", 3}};
    const std::vector<std::string> expected{
        "/etc/network/if-up.d/mptcp:4 adds the endpoint 192.0.2.1 with the flags signal, but config.yaml:3 "
        "declares the flags subflow; remove that line",
        "/etc/rc.local:1 flushes all endpoints of the host, including the declared ones; remove that line"};
    EXPECT_EQ(rivals_on_disk(desired, settings), expected);
}

TEST(Rivals, LineOfADropInIsRemovedInsteadOfDisablingTheUnit) {
    DesiredState desired;
    desired.subflows = Declared<std::uint32_t>{3, {"config.yaml", 4, 3}};
    const auto rivals = rivals_on_disk(desired, with_limit("8", "/etc/systemd/system/x.service.d/y.conf"));
    ASSERT_EQ(rivals.size(), 1U);
    EXPECT_TRUE(rivals[0].ends_with("; remove that line")) << rivals[0];
}

TEST(Rivals, IncludeOnlyOtherValues) {
    DesiredState desired;
    desired.sysctls["enabled"] = {"1", {"config.yaml", 2, 3}};
    desired.subflows = Declared<std::uint32_t>{3, {"config.yaml", 4, 3}};
    const std::vector<SysctlLine> sysctls{
        {"enabled", "0", "/etc/sysctl.d/90.conf", 1},
        {"enabled", "1", "/etc/sysctl.d/91.conf", 1},
        {"scheduler", "odd", "/etc/sysctl.d/91.conf", 2}};
    HostSettings settings = with_limit("3", limit_unit_path);
    settings.sysctls = sysctls;
    EXPECT_TRUE(rivals_on_disk(desired, settings).empty()) << "the last line applies";
    settings = with_limit("8", limit_unit_path);
    settings.sysctls = {sysctls[0]};
    const auto rivals = rivals_on_disk(desired, settings);
    ASSERT_EQ(rivals.size(), 2U);
    EXPECT_EQ(
        rivals[0],
        "/etc/sysctl.d/90.conf:1 sets net.mptcp.enabled to 0 at boot, but config.yaml:2 declares 1; remove "
        "that line");
    EXPECT_EQ(
        rivals[1],
        limit_unit_path + ":5 sets the limit subflows to 8, but config.yaml:4 declares 3; disable it with "
                          "`systemctl disable --now "
                          "set_mptcp_limit.service`");
}

} // namespace
} // namespace keeper
