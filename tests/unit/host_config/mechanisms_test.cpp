// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/mechanisms.hpp"

#include <set>

#include <gtest/gtest.h>

#include "host_config/file_entries.hpp"
#include "host_config/host_settings.hpp"
#include "host_config/leftovers.hpp"
#include "host_config/rivals.hpp"
#include "host_config/started_files.hpp"

namespace keeper {

namespace {

constexpr const char* command = "ip mptcp limits set subflows 4";

/// A file in that language that sets the limit, or the sysctl if the language has no commands; and an
/// unrelated file.
struct Example {
    std::string text;
    int line;
    std::string harmless;
};

Example example_of(Syntax syntax) {
    const std::string set = command;
    switch (syntax) {
    case Syntax::shell:
        return {"#!/bin/sh\n" + set + "\n", 2, "#!/bin/sh\n# " + set + "\nip mptcp limits show\n"};
    case Syntax::unit:
        return {
            "[Service]\nExecStartPre=-+/sbin/" + set + "\n", 2, "[Service]\nExecStart=ip mptcp monitor\n"};
    case Syntax::sysctl:
        return {"# x\n-net/mptcp/enabled = 0\n", 2, "net.ipv4.ip_forward=1\n"};
    case Syntax::tuned:
        return {"[main]\n[sysctl]\nnet.mptcp.enabled=0\n", 3, "[vm]\nnet.mptcp.enabled=0\n"};
    case Syntax::kernel_line:
        return {"BOOT_IMAGE=/x quiet sysctl.net.mptcp.enabled=0 ro\n", 1, "quiet net.mptcp.enabled=0\n"};
    case Syntax::crontab:
        return {"SHELL=/bin/sh\n@reboot root " + set + "\n", 2, "0 5 * * * root ip mptcp limits\n"};
    case Syntax::user_crontab:
        return {"MAILTO=x\n*/5 * * * * sleep 3; " + set + "\n", 2, "# @reboot " + set + "\n"};
    case Syntax::anacrontab:
        return {"1 5 mptcp " + set + "\n", 1, "1 5 cron.daily run-parts /etc/cron.daily\n"};
    case Syntax::interfaces:
        return {
            "iface eth0 inet dhcp\n  post-up " + set + " || true\n", 2, "iface eth0 inet dhcp\n  mtu 1400\n"};
    case Syntax::udev:
        return {
            "ACTION==\"add\", SUBSYSTEM==\"net\", RUN+=\"/usr/sbin/" + set + "\"\n",
            1,
            "SUBSYSTEM==\"net\", NAME=\"mptcp0\"\n"};
    case Syntax::wg_quick:
        return {"[Interface]\nPostUp = " + set + "; true\n", 2, "[Interface]\nAddress = 192.0.2.1\n"};
    case Syntax::openvpn:
        return {"dev tun\nup \"/usr/sbin/" + set + "\"\n", 2, "dev tun\nuser nobody\n"};
    case Syntax::keepalived:
        return {"vrrp_instance a {\n notify_master \"" + set + "\"\n}\n", 2, "router_id mptcp\n"};
    case Syntax::cloud_config:
        return {
            "#cloud-config\nbootcmd:\n  - [ip, mptcp, limits, set, subflows, 4]\n",
            3,
            "#cloud-config\npackages:\n  - mptcpize\n"};
    case Syntax::tmpfiles:
        return {"w /proc/sys/net/mptcp/enabled - - - - 0\n", 1, "d /run/mptcp 0755 root root -\n"};
    case Syntax::modprobe:
        return {
            "install dummy " + set + " && modprobe --ignore-install dummy\n",
            1,
            "options dummy numdummies=1\n"};
    case Syntax::environment:
        return {"LD_PRELOAD=/usr/lib/mptcpize/libmptcpwrap.so.0.0.1\n", 1, "PATH=/usr/bin\n"};
    case Syntax::systemtap:
        return {"probe kernel.function(\"x\") { /* IPPROTO_MPTCP */ }\n", 1, "probe begin { exit() }\n"};
    case Syntax::profile:
        return {
            "interfaces:\n- name: eth0\n  mptcp:\n    address-flags: [subflow]\n",
            4,
            "interfaces:\n- name: eth0\n"};
    }
    return {};
}

class Mechanism : public testing::TestWithParam<HostMechanism> {
  protected:
    [[nodiscard]] MechanismFile file(const std::string& text) const {
        std::string path(GetParam().places.front());
        for (const std::string_view from : {"*", "?"}) {
            for (std::size_t at = path.find(from); at != std::string::npos; at = path.find(from)) {
                path.replace(at, 1, "x");
            }
        }
        return {.file = {path, text}, .mechanism = &GetParam()};
    }
};

TEST_P(Mechanism, FileThatConfiguresMptcpIsALeftover) {
    const Example example = example_of(GetParam().syntax);
    const MechanismFile one = file(example.text);
    std::set<int> lines;
    for (const FileEntry& entry : entries_of(one)) {
        if (!entry.statements.empty()) {
            lines.insert(entry.line);
        }
    }
    EXPECT_EQ(lines, std::set<int>{example.line});
    const std::vector<Leftover> found = find_leftovers({one}, "");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].file, one.file.path);
    EXPECT_FALSE(found[0].reason.empty() || found[0].commands.empty());
}

TEST_P(Mechanism, OtherFileIsNotALeftover) {
    EXPECT_EQ(find_leftovers({file(example_of(GetParam().syntax).harmless)}, ""), std::vector<Leftover>{});
}

TEST_P(Mechanism, OtherValueInAFileWithEffectIsARival) {
    DesiredState desired;
    desired.subflows = Declared<std::uint32_t>{3, {"config.yaml", 4, 3}};
    desired.sysctls["enabled"] = {"1", {"config.yaml", 2, 3}};
    desired.profiles.emplace_back();
    MechanismFile one = file(example_of(GetParam().syntax).text);
    const bool has_value = GetParam().syntax != Syntax::environment && GetParam().syntax != Syntax::systemtap;
    EXPECT_EQ(rivals_on_disk(desired, settings_of({one}, WithIdle::no)).size(), has_value ? 1U : 0U);
    one.idle = "it is not executable";
    EXPECT_EQ(rivals_on_disk(desired, settings_of({one}, WithIdle::no)).size(), 0U);
    EXPECT_NE(find_leftovers({one}, "").at(0).reason.find("it is not executable"), std::string::npos);
}

std::string test_name(const testing::TestParamInfo<HostMechanism>& one) {
    std::string name(one.param.places.front());
    std::erase_if(name, [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) == 0; });
    return name + std::to_string(one.index);
}

INSTANTIATE_TEST_SUITE_P(All, Mechanism, testing::ValuesIn(host_mechanisms()), test_name);

/// The values that a script sets: "subflows=4", "enabled=0".
std::set<std::string> values_of(const std::string& script) {
    const HostSettings settings =
        settings_of({{.file = {"/x", script}, .mechanism = &started_scripts()}}, WithIdle::no);
    std::set<std::string> values;
    for (const SysctlLine& line : settings.sysctls) {
        values.insert(line.name + "=" + line.value);
    }
    for (const LimitLine& line : settings.limits) {
        values.insert(line.name + "=" + line.value);
    }
    for (const EndpointLine& line : settings.endpoints) {
        values.insert(to_string(line.key) + "@" + line.interface);
    }
    for (const EndpointEdit& line : settings.endpoint_edits) {
        values.insert(line.flushes ? "flush" : "edit");
    }
    values.insert(settings.profile_lines.begin(), settings.profile_lines.end());
    values.insert(settings.computed_endpoints.begin(), settings.computed_endpoints.end());
    return values;
}

using Values = std::set<std::string>;

TEST(Scripts, CommandsAreFoundInEachSpelling) {
    const std::vector<std::pair<std::string, Values>> cases{
        {"/usr/sbin/ip mp l set subflow 4", {"subflows=4"}},
        {"ip -6 -family inet6 mptcp limits set add_addr 2 subflows 4", {"subflows=4", "add_addr_accepted=2"}},
        {"sudo -n env LC_ALL=C nice -n 5 ip mptcp limits set subflows 4", {"subflows=4"}},
        {"timeout 5 sh -c 'sleep 1; ip mptcp limits set subflows 4'", {"subflows=4"}},
        {"bash -lc \"ip mptcp limits \\\n  set subflows 4\"", {"subflows=4"}},
        {"IP=/sbin/ip\nN=4\n$IP mptcp limits set subflows ${N}", {"subflows=4"}},
        {"if [ -x /sbin/ip ]; then ip mptcp endp add dev eth0 192.0.2.1 subflow; fi", {"192.0.2.1@eth0"}},
        {"case $1 in up) ip mptcp endpoint flush ;; esac", {"flush"}},
        {"x=$(ip mptcp endpoint delete id 3)", {"edit"}},
        {"for a in 192.0.2.1 192.0.2.2; do ip mptcp endpoint add $a signal; done", {"/x:1"}},
        {"sysctl -qw net.mptcp.enabled=0 net.ipv4.ip_forward=1", {"enabled=0"}},
        {"sysctl net/mptcp/add_addr_timeout=5", {"add_addr_timeout=5"}},
        {"echo 0 > /proc/sys/net/mptcp/enabled", {"enabled=0"}},
        {"echo -n 0 | sudo tee /proc/sys/net/mptcp/enabled >/dev/null", {"enabled=0"}},
        {"printf '%s\\n' 0 >/proc/sys/net/mptcp/enabled", {"enabled=0"}},
        {"nmcli -w 5 c m wan conn.mptcp-f subflow", {"/x:1"}},
        {"nmcli connection modify wan ipv4.method auto connection.mptcp-flags 0x22", {"/x:1"}},
        {"ip vrf exec blue ip mptcp endpoint flush", {"flush"}}};
    for (const auto& [script, expected] : cases) {
        EXPECT_EQ(values_of(script), expected) << script;
    }
}

TEST(Scripts, CommandsWithoutEffectAreIgnored) {
    for (const char* script :
         {"echo ip mptcp limits set subflows 4",
          "# ip mptcp limits set subflows 4",
          "ip mptcp endpoint show",
          "ip mptcp monitor",
          "ip -n blue mptcp limits set subflows 4",
          "ip netns exec blue ip mptcp limits set subflows 4",
          "nsenter -t 1 ip mptcp limits set subflows 4",
          "cat <<EOF\nip mptcp limits set subflows 4\nEOF",
          "sysctl -n net.mptcp.enabled",
          "nmcli -g connection.mptcp-flags con show wan",
          "N=3; N=4; ip mptcp limits set subflows $N",
          "echo 0 > /proc/sys/net/ipv4/ip_forward"}) {
        EXPECT_EQ(values_of(script), Values{}) << script;
    }
}

TEST(Scripts, HostileTextIsParsedInBoundedTime) {
    for (const std::string part :
         {"$(", "`", "'", "\"", "<<E ", "((", "a;fi;", "\\\n", "${", "sh -c '", "|", "> "}) {
        std::string text;
        while (text.size() < 100000) {
            text += part;
        }
        (void)values_of(text);
    }
}

/// Follows the files in a tree, given by path.
std::vector<MechanismFile>
follow(std::vector<MechanismFile> files, const std::map<std::string, std::string>& tree) {
    return with_started_files(std::move(files), "", [&](const std::string& path) -> std::optional<HostFile> {
        const auto found = tree.find(path);
        return found == tree.end() ? std::nullopt : std::optional(HostFile{path, found->second});
    });
}

MechanismFile unit(const std::string& text) {
    static const HostMechanism units{.name = "systemd", .syntax = Syntax::unit, .picks = Picks::unit};
    return {.file = {"/etc/systemd/system/x.service", "[Service]\n" + text}, .mechanism = &units};
}

TEST(StartedFiles, AreFoundThroughShellsSourcesAndPaths) {
    const auto files = follow(
        {unit(
            "WorkingDirectory=/opt/x\nEnvironmentFile=-/etc/default/x\nExecStart=/bin/bash -e ./a.sh now\n")},
        {{"/opt/x/a.sh", ". /etc/mptcp.sh\nb.sh\n"},
         {"/etc/mptcp.sh", "sysctl -p /etc/own.conf\n. /etc/mptcp.sh\n"},
         {"/etc/own.conf", "net.mptcp.enabled=0\n"},
         {"/usr/local/bin/b.sh", "#!/bin/sh\nip mptcp limits set subflows 4\n"},
         {"/etc/default/x", "LD_PRELOAD=/usr/lib/libmptcpwrap.so\n"}});
    std::set<std::string> paths;
    for (const MechanismFile& file : files) {
        paths.insert(file.file.path);
    }
    EXPECT_EQ(
        paths,
        (std::set<std::string>{
            "/etc/systemd/system/x.service",
            "/opt/x/a.sh",
            "/etc/mptcp.sh",
            "/etc/own.conf",
            "/usr/local/bin/b.sh",
            "/etc/default/x"}));
    const HostSettings settings = settings_of(files, WithIdle::no);
    EXPECT_EQ(settings.limits.size(), 1U);
    EXPECT_EQ(settings.sysctls, (std::vector<SysctlLine>{{"enabled", "0", "/etc/own.conf", 1}}));
}

TEST(StartedFiles, UnitIsRetiredTogetherWithItsScript) {
    const std::map<std::string, std::string> tree{
        {"/usr/local/sbin/mptcp-up", "#!/bin/sh\nset -e\nip mptcp limits set subflows 4\n"}};
    const auto found = find_leftovers(follow({unit("ExecStart=/usr/local/sbin/mptcp-up\n")}, tree), "");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].commands.front(), "systemctl disable --now x.service");
    EXPECT_EQ(found[1].commands, std::vector<std::string>{"rm /usr/local/sbin/mptcp-up"});
    EXPECT_NE(found[1].reason.find("started by /etc/systemd/system/x.service"), std::string::npos);
}

TEST(StartedFiles, ScriptWithOtherEffectsOnlyLosesLines) {
    const std::map<std::string, std::string> tree{
        {"/usr/local/sbin/net-up",
         "#!/bin/sh\nif [ \"$1\" ]; then\n  ip mptcp limits set subflows 4\nfi\nip link set eth0 up\n"}};
    const auto found = find_leftovers(follow({unit("ExecStart=/usr/local/sbin/net-up\n")}, tree), "");
    ASSERT_EQ(found.size(), 1U) << "the unit is kept";
    EXPECT_EQ(
        found[0].commands,
        std::vector<std::string>{"sed -i 's|^\\([[:space:]]*\\)ip mptcp limits set subflows "
                                 "4[[:space:]]*$|\\1:|' /usr/local/sbin/net-up"});
}

TEST(StartedFiles, ScriptInAnotherLanguageIsLeftToTheAdministrator) {
    const std::map<std::string, std::string> tree{
        {"/opt/up.py", "#!/usr/bin/python3\nsubprocess.run(['ip', 'mptcp', 'endpoint', 'add', address])\n"}};
    const auto found = find_leftovers(follow({unit("ExecStart=/opt/up.py\n")}, tree), "");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].is_exported);
    EXPECT_EQ(
        found[0].commands, std::vector<std::string>{"# /opt/up.py also does other things: edit line 2"});
}

} // namespace

} // namespace keeper
