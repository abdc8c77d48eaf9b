#include "diagnose/recipe.hpp"

#include <gtest/gtest.h>

namespace keeper {

namespace {

const HostFile limit_unit{
    "/etc/systemd/system/set_mptcp_limit.service",
    "[Unit]\nDescription=Set MPTCP limits\n[Service]\nType=oneshot\n"
    "ExecStart=/sbin/ip mptcp limits set subflows 3\nExecStart=\n"};

RecipeFiles with_unit(const HostFile& unit, const std::string& root = "") {
    RecipeFiles files;
    files.units = {unit};
    files.root = root;
    return files;
}

TEST(Recipe, UnitThatSetsLimitsIsRetired) {
    const std::vector<Leftover> expected{
        {limit_unit.path,
         "calls `ip mptcp`: the sections limits and endpoints have that",
         {"systemctl disable --now set_mptcp_limit.service",
          "rm /etc/systemd/system/set_mptcp_limit.service",
          "systemctl daemon-reload"}}};
    EXPECT_EQ(recipe_leftovers(with_unit(limit_unit)), expected);
}

TEST(Recipe, UnitOfAnUnbootedTreeIsRetiredThere) {
    HostFile unit = limit_unit;
    unit.path = "/mnt" + unit.path;
    const std::vector<std::string> expected{
        "systemctl --root=/mnt disable set_mptcp_limit.service",
        "rm /mnt/etc/systemd/system/set_mptcp_limit.service"};
    EXPECT_EQ(recipe_leftovers(with_unit(unit, "/mnt")).at(0).commands, expected);
}

TEST(Recipe, UnitThatDoesOtherThingsTooStays) {
    const HostFile unit{
        "/etc/systemd/system/x.service",
        "[Service]\nExecStart=/bin/x\nExecStartPost=ip -6 mptcp endpoint flush\n"};
    const std::vector<std::string> expected{
        "# /etc/systemd/system/x.service does other things too: remove line 3", "systemctl daemon-reload"};
    EXPECT_EQ(recipe_leftovers(with_unit(unit)).at(0).commands, expected);
}

TEST(Recipe, UnitsThatHaveNothingToDoWithItAreLeftAlone) {
    for (const char* text :
         {"[Service]\nExecStart=/bin/ip route add default dev mptcp\n",
          "[Unit]\nDescription=ip mptcp limits\n[Service]\nExecStart=/usr/sbin/mptcp-keeper daemon\n",
          "# ExecStart=ip mptcp limits set subflows 3\n",
          ""}) {
        EXPECT_EQ(
            recipe_leftovers(with_unit({"/etc/systemd/system/y.service", text})), std::vector<Leftover>{})
            << text;
    }
}

TEST(Recipe, UnitThatMptcpizeEditedIsGivenBackToIt) {
    const HostFile unit{
        "/etc/systemd/system/web.service",
        "[Service]\nExecStart=/bin/web\n"
        "Environment=\"LD_PRELOAD=/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1\"\n"};
    EXPECT_EQ(recipe_leftovers(with_unit(unit)).at(0).commands.front(), "mptcpize disable web.service");
}

TEST(Recipe, SysctlFilesGoWholeOrLineByLine) {
    RecipeFiles files;
    files.sysctls = {
        {"/etc/sysctl.d/90-enable-MPTCP.conf", "# RHEL's\nnet.mptcp.enabled=1\n"},
        {"/etc/sysctl.conf", "net.ipv4.ip_forward=1\n-net/mptcp/enabled = 1\n"},
        {"/usr/lib/sysctl.d/50-vendor.conf", "net.mptcp.enabled=1\n"},
        {"/usr/lib/sysctl.d/60-vendor.conf", "net.mptcp.enabled=1\nvm.swappiness=1\n"},
        {"/etc/sysctl.d/99-x.conf", "vm.swappiness=1\n"}};
    std::vector<std::string> commands;
    for (const Leftover& leftover : recipe_leftovers(files)) {
        commands.insert(commands.end(), leftover.commands.begin(), leftover.commands.end());
    }
    const std::vector<std::string> expected{
        "rm /etc/sysctl.d/90-enable-MPTCP.conf",
        R"(sed -i -E '/^[[:space:]]*-?net[.\/]mptcp[.\/]/d' /etc/sysctl.conf)",
        "ln -s /dev/null /etc/sysctl.d/50-vendor.conf",
        "# /usr/lib/sysctl.d/60-vendor.conf belongs to a package: put a copy without its net.mptcp lines "
        "into "
        "/etc/sysctl.d"};
    EXPECT_EQ(commands, expected);
}

TEST(Recipe, DispatcherAndSystemTapScriptsAreNamed) {
    RecipeFiles files;
    files.hooks = {
        {"/etc/NetworkManager/dispatcher.d/20-mptcp",
         "#!/bin/sh\nif [ \"$2\" = up ]; then\n  ip mptcp endpoint add \"$IP4_ADDRESS_0\" dev \"$1\" "
         "signal\nfi\n"},
        {"/etc/NetworkManager/dispatcher.d/30-both",
         "#!/bin/sh\nlogger up\n/usr/sbin/ip mptcp limits set subflows 4\n"},
        {"/etc/NetworkManager/dispatcher.d/90-mptcp-keeper",
         "#!/bin/sh\nexec systemctl start mptcp-keeper-apply\n"}};
    files.systemtap = {{"/root/mptcp-app.stap", "#! /usr/bin/env stap\n%{ #include <linux/mptcp.h> %}\n"}};
    const std::vector<Leftover> found = recipe_leftovers(files);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].commands, std::vector<std::string>{"rm /etc/NetworkManager/dispatcher.d/20-mptcp"});
    EXPECT_EQ(
        found[1].commands,
        std::vector<std::string>{
            "# /etc/NetworkManager/dispatcher.d/30-both does other things too: remove line 3"});
    EXPECT_EQ(found[2].commands.back(), "rm /root/mptcp-app.stap");
}

TEST(Recipe, EndpointsThatAreSpelledOutAreRead) {
    const EndpointFlags both{EndpointFlag::signal, EndpointFlag::backup};
    const std::vector<EndpointLine> expected{
        {parse_endpoint_key("192.0.2.1").value(), "enp1s0", both, "/etc/rc.local", 2},
        {parse_endpoint_key("[2001:db8::1]:4000").value(), "", {EndpointFlag::signal}, "/etc/rc.local", 4}};
    EXPECT_EQ(
        endpoint_lines(
            {{"/etc/rc.local",
              "#!/bin/sh\nip mptcp endpoint add 192.0.2.1 dev enp1s0 id 3 signal backup\n"
              "ip mptcp endpoint add $ADDRESS signal\n"
              "  /sbin/ip -6 mptcp endpoint add 2001:db8::1 signal port 4000 || exit 1\n"
              "ip mptcp endpoint\nip mptcp endpoint delete id 3\n"}}),
        expected);
}

TEST(Keyfile, TellsNameAndFlags) {
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
