// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/leftovers.hpp"

#include <gtest/gtest.h>

#include "host_config/host_settings.hpp"
#include "host_config/mechanisms.hpp"

namespace keeper {

namespace {

/// The row of the table with that place.
const HostMechanism& row_of(std::string_view place) {
    for (const HostMechanism& mechanism : host_mechanisms()) {
        for (const std::string_view one : mechanism.places) {
            if (one == place) {
                return mechanism;
            }
        }
    }
    throw std::runtime_error("no mechanism has the place " + std::string(place));
}

std::vector<MechanismFile> files_of(std::string_view place, const std::vector<HostFile>& files) {
    std::vector<MechanismFile> result;
    for (const HostFile& file : files) {
        result.push_back({.file = file, .mechanism = &row_of(place)});
    }
    return result;
}

std::vector<Leftover> leftovers_of(std::string_view place, const std::vector<HostFile>& files) {
    return find_leftovers(files_of(place, files), "");
}

constexpr std::string_view dispatcher = "/etc/NetworkManager/dispatcher.d/*";
constexpr std::string_view rc_local = "/etc/rc.local";

TEST(Leftovers, SysctlFileIsRemovedAsAWholeOrByLine) {
    const std::vector<HostFile> files = {
        {"/etc/sysctl.d/90-enable-MPTCP.conf", "# RHEL's\nnet.mptcp.enabled=1\n"},
        {"/etc/sysctl.conf", "net.ipv4.ip_forward=1\n-net/mptcp/enabled = 1\n"},
        {"/usr/lib/sysctl.d/50-vendor.conf", "net.mptcp.enabled=1\n"},
        {"/usr/lib/sysctl.d/60-vendor.conf", "net.mptcp.enabled=1\nvm.swappiness=1\n"},
        {"/etc/sysctl.d/99-x.conf", "vm.swappiness=1\n"}};
    std::vector<std::string> commands;
    for (const Leftover& leftover : leftovers_of("/etc/sysctl.d/*.conf", files)) {
        commands.insert(commands.end(), leftover.commands.begin(), leftover.commands.end());
    }
    const std::vector<std::string> expected{
        "rm /etc/sysctl.d/90-enable-MPTCP.conf",
        R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' /etc/sysctl.conf)",
        "ln -sf /dev/null /etc/sysctl.d/50-vendor.conf",
        "# /usr/lib/sysctl.d/60-vendor.conf belongs to a package: put a copy without its net.mptcp lines "
        "into "
        "/etc/sysctl.d"};
    EXPECT_EQ(commands, expected);
}

std::vector<std::string> commands_for_sysctls(const HostFile& file) {
    const bool is_main = file.path == "/etc/sysctl.conf" && file.links.empty();
    return leftovers_of(is_main ? "/etc/sysctl.conf" : "/etc/sysctl.d/*.conf", {file}).at(0).commands;
}

TEST(Leftovers, SysctlFileThatOtherProgramsExpectOnlyLosesLines) {
    const std::vector<std::string> expected{
        R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' /etc/sysctl.conf)"};
    const std::string text = "# Debian's text\nnet.mptcp.enabled=1\n";
    EXPECT_EQ(commands_for_sysctls({"/etc/sysctl.conf", text, {"/etc/sysctl.d/99-sysctl.conf"}}), expected);
    EXPECT_EQ(commands_for_sysctls({"/etc/sysctl.conf", text}), expected) << "it belongs to a package";
}

TEST(Leftovers, LinkToAVendorsSysctlFileIsMasked) {
    EXPECT_EQ(
        commands_for_sysctls(
            {"/usr/lib/tuned/mptcp.conf", "net.mptcp.enabled=1\n", {"/etc/sysctl.d/80-mptcp.conf"}}),
        std::vector<std::string>{"ln -sf /dev/null /etc/sysctl.d/80-mptcp.conf"});
}

TEST(Leftovers, ScriptIsRemovedWithItsLinks) {
    EXPECT_EQ(
        leftovers_of(
            rc_local,
            {{"/etc/rc.d/rc local", "#!/bin/sh\nip mptcp limits set subflows 4\n", {"/etc/rc.local"}}})
            .at(0)
            .commands,
        std::vector<std::string>{"rm '/etc/rc.d/rc local' /etc/rc.local"});
}

TEST(Leftovers, IncludeDispatcherAndSystemTapScripts) {
    std::vector<MechanismFile> files = files_of(
        dispatcher,
        {{"/etc/NetworkManager/dispatcher.d/20-mptcp",
          "#!/bin/sh\nif [ \"$2\" = up ]; then\n  ip mptcp endpoint add \"$IP4_ADDRESS_0\" dev \"$1\" "
          "signal\nfi\n"},
         {"/etc/NetworkManager/dispatcher.d/30-both",
          "#!/bin/sh\nlogger up\n/usr/sbin/ip mptcp limits set subflows 4\n"},
         {"/etc/NetworkManager/dispatcher.d/90-mptcp-keeper",
          "#!/bin/sh\nexec systemctl start mptcp-keeper-apply\n"}});
    files.push_back(files_of(
        "/root/*.st*p",
        {{"/root/mptcp-app.stap", "#! /usr/bin/env stap\n%{ #include <linux/mptcp.h> %}\n"}})[0]);
    const std::vector<Leftover> found = find_leftovers(files, "");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].commands, std::vector<std::string>{"rm /etc/NetworkManager/dispatcher.d/20-mptcp"});
    EXPECT_EQ(
        found[1].commands,
        std::vector<std::string>{
            "sed -i 's|^\\([[:space:]]*\\)/usr/sbin/ip mptcp limits set subflows 4[[:space:]]*$|\\1:|' "
            "/etc/NetworkManager/dispatcher.d/30-both"});
    EXPECT_EQ(found[2].commands.back(), "rm /root/mptcp-app.stap");
    EXPECT_TRUE(found[1].is_exported);
    EXPECT_FALSE(found[2].is_exported) << "the configuration has no equivalent";
}

TEST(Leftovers, ScriptThatStartsAProgramIsKept) {
    const Leftover found =
        leftovers_of(rc_local, {{"/etc/rc.local", "#!/bin/sh\nmptcpize run /usr/bin/server &\n"}}).at(0);
    EXPECT_EQ(
        found.commands, std::vector<std::string>{"# /etc/rc.local also does other things: edit line 2"});
    EXPECT_FALSE(found.is_exported);
}

TEST(HostSettings, ContainEndpointsThatAreSpelledOut) {
    const EndpointFlags both{EndpointFlag::signal, EndpointFlag::backup};
    const std::vector<EndpointLine> expected{
        {parse_socket_address("192.0.2.1").value(), "enp1s0", both, "/etc/rc.local", 2},
        {parse_socket_address("[2001:db8::1]:4000").value(), "", {EndpointFlag::signal}, "/etc/rc.local", 4}};
    EXPECT_EQ(
        settings_of(
            files_of(
                rc_local,
                {{"/etc/rc.local",
                  "#!/bin/sh\nip mptcp endpoint add 192.0.2.1 dev enp1s0 id 3 signal backup\n"
                  "ip mptcp endpoint add $ADDRESS signal\n"
                  "  /sbin/ip -6 mptcp endpoint add 2001:db8::1 signal port 4000 || exit 1\n"
                  "ip mptcp endpoint\nip mptcp endpoint delete id 3\n"}}),
            WithIdle::no)
            .endpoints,
        expected);
}

TEST(HostSettings, ContainTheLocationOfComputedEndpoints) {
    EXPECT_EQ(
        settings_of(
            files_of(
                dispatcher,
                {{"/etc/NetworkManager/dispatcher.d/20-mptcp",
                  "#!/bin/sh\nip mptcp endpoint add 192.0.2.1 signal\n"
                  "ip mptcp endpoint add \"$IP4_ADDRESS_0\" dev \"$1\" signal\n"}}),
            WithIdle::no)
            .computed_endpoints,
        std::vector<std::string>{"/etc/NetworkManager/dispatcher.d/20-mptcp:3"});
}

TEST(Keyfile, HasNameAndFlags) {
    const KeyfileProfile expected{
        "wan 1", "3c1b", {MptcpFlag::signal, MptcpFlag::subflow}, "/etc/wan.nmconnection", 5};
    EXPECT_EQ(
        parse_keyfile(
            {"/etc/wan.nmconnection",
             "[connection]\nid = wan 1\nuuid=3c1b\n# x\nmptcp-flags=48\n[wifi]\nid=other\n"}),
        expected);
    EXPECT_EQ(parse_keyfile({"/x", "[ipv4]\nid=x\n"}), std::nullopt);
}

} // namespace

} // namespace keeper
