// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/unit_leftovers.hpp"

#include <gtest/gtest.h>

#include "host_config/mechanisms.hpp"

namespace keeper {

namespace {

using Commands = std::vector<std::string>;

const std::string wrapper = "/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1";
const std::string delete_preload = "sed -i '/^[[:space:]]*Environment[[:space:]]*=.*libmptcpwrap/d' ";
const std::string delete_mptcpize =
    "sed -i -E 's,(/[[:alnum:]_./-]*/)?mptcpize[[:space:]]+run[[:space:]]+(-d[[:space:]]+)?,,' ";

const HostFile limit_unit{
    "/etc/systemd/system/set_mptcp_limit.service",
    "[Unit]\nDescription=Set MPTCP limits\n[Service]\nType=oneshot\n"
    "ExecStart=/sbin/ip mptcp limits set subflows 3\nExecStart=\n"};

MechanismFile as_unit(const HostFile& file) {
    static const HostMechanism units{.name = "systemd", .syntax = Syntax::unit};
    return {.file = file, .mechanism = &units};
}

Commands commands_for(const HostFile& file, const std::string& root = "") {
    const auto leftover = unit_leftover(as_unit(file), root, {});
    return leftover ? leftover->commands : Commands{"nothing to retire"};
}

HostFile
service_file(const std::string& directives, const std::string& path = "/etc/systemd/system/x.service") {
    return {path, "[Service]\n" + directives};
}

HostFile drop_in(const std::string& directives) {
    return service_file(directives, "/etc/systemd/system/x.service.d/mptcp.conf");
}

TEST(UnitLeftovers, UnitThatSetsLimitsIsRetired) {
    const Leftover expected{
        limit_unit.path,
        "runs `ip mptcp`; use the limits and endpoints sections instead",
        {"systemctl disable --now set_mptcp_limit.service",
         "rm -f /etc/systemd/system/set_mptcp_limit.service",
         "systemctl daemon-reload"}};
    EXPECT_EQ(unit_leftover(as_unit(limit_unit), "", {}), expected);
}

TEST(UnitLeftovers, CommandsForAnUnbootedTreeChangeNothingElse) {
    HostFile unit = limit_unit;
    unit.path = "/mnt a" + unit.path;
    const Commands expected{
        "rm -f '/mnt a/etc/systemd/system'/*.wants/set_mptcp_limit.service "
        "'/mnt a/etc/systemd/system'/*.requires/set_mptcp_limit.service",
        "rm -f '/mnt a/etc/systemd/system/set_mptcp_limit.service'"};
    EXPECT_EQ(commands_for(unit, "/mnt a"), expected);
    for (const std::string line :
         {"ExecStart=mptcpize run x",
          "ExecStart=stap /root/mptcp-app.stap",
          "Environment=LD_PRELOAD=/usr/lib/libmptcpwrap.so"}) {
        for (const char* path :
             {"/etc/systemd/system/x.service",
              "/usr/lib/systemd/system/x.service",
              "/etc/systemd/system/x.service.d/x.conf"}) {
            for (const std::string& command :
                 commands_for(service_file(line + "\n", std::string("/mnt") + path), "/mnt")) {
                EXPECT_EQ(command.find("systemctl"), std::string::npos) << command;
                EXPECT_EQ(command.find(" /etc"), std::string::npos) << command;
            }
        }
    }
}

TEST(UnitLeftovers, UnitWithOtherCommandsIsKept) {
    const Commands expected{
        "sed -i '\\|^[[:space:]]*ExecStartPost=ip -6 mptcp endpoint flush[[:space:]]*$|d' "
        "/etc/systemd/system/x.service",
        "systemctl daemon-reload"};
    EXPECT_EQ(
        commands_for(service_file("ExecStart=/bin/x\nExecStartPost=ip -6 mptcp endpoint flush\n")), expected);
    EXPECT_EQ(
        commands_for(service_file("ExecStart=ip mptcp endpoint flush\nExecStop=/bin/x\n")).front(),
        "# /etc/systemd/system/x.service also does other things: remove line 2")
        << "the unit must keep its command";
}

TEST(UnitLeftovers, UnrelatedUnitsAreIgnored) {
    for (const char* text :
         {"[Service]\nExecStart=/bin/ip route add default dev mptcp\n",
          "[Unit]\nDescription=ip mptcp limits\n[Service]\nExecStart=/usr/sbin/mptcp-keeper daemon\n",
          "# ExecStart=ip mptcp limits set subflows 3\n",
          ""}) {
        EXPECT_EQ(unit_leftover(as_unit({"/etc/systemd/system/y.service", text}), "", {}), std::nullopt)
            << text;
    }
}

TEST(UnitLeftovers, UnitOfAPackageIsMasked) {
    HostFile unit = limit_unit;
    unit.path = "/usr/lib/systemd/system/set_mptcp_limit.service";
    EXPECT_EQ(commands_for(unit).front(), "systemctl mask --now set_mptcp_limit.service");
    unit.path = "/mnt" + unit.path;
    EXPECT_EQ(
        commands_for(unit, "/mnt"),
        Commands{"ln -sf /dev/null /mnt/etc/systemd/system/set_mptcp_limit.service"});
}

TEST(UnitLeftovers, LineOfMptcpizeIsDeletedFromAnyUnit) {
    for (const std::string path :
         {"/etc/systemd/system/web.service", "/usr/lib/systemd/system/web.service"}) {
        const HostFile unit =
            service_file("ExecStart=/bin/web\nEnvironment=LD_PRELOAD=" + wrapper + "\n", path);
        const Commands expected{delete_preload + path, "systemctl daemon-reload"};
        EXPECT_EQ(commands_for(unit), expected);
        EXPECT_EQ(
            program_lines({as_unit(unit)}),
            (std::vector<ProgramLine>{{"web.service", "with libmptcpwrap preloaded", path, 3}}));
    }
}

TEST(UnitLeftovers, LineWithOtherVariablesIsLeftToTheAdministrator) {
    EXPECT_EQ(
        commands_for(service_file("Environment=A=1 \"LD_PRELOAD=" + wrapper + "\"\n")).front(),
        "# /etc/systemd/system/x.service also does other things: remove libmptcpwrap from line 2");
    EXPECT_EQ(
        commands_for(service_file("Environment=LD_PRELOAD=/usr/lib/other.so:" + wrapper + "\n")).front(),
        "# /etc/systemd/system/x.service also does other things: remove libmptcpwrap from line 2");
}

TEST(UnitLeftovers, ProgramIsStartedWithoutMptcpize) {
    for (const std::string start : {"-/usr/bin/mptcpize run iperf3 -s", "mptcpize run -d \\\n  iperf3 -s"}) {
        const HostFile unit = drop_in("ExecStart=\nExecStart=" + start + "\n");
        EXPECT_EQ(commands_for(unit).front(), delete_mptcpize + unit.path);
        EXPECT_EQ(
            program_lines({as_unit(unit)}),
            (std::vector<ProgramLine>{{"x.service", "through mptcpize", unit.path, 3}}));
    }
}

TEST(UnitLeftovers, DropInWithoutOtherSettingsIsRemoved) {
    const std::string preload = "Environment=\"LD_PRELOAD=" + wrapper + "\"\n";
    EXPECT_EQ(commands_for(drop_in(preload)).front(), "rm -f /etc/systemd/system/x.service.d/mptcp.conf");
    EXPECT_EQ(commands_for(drop_in(preload + "Nice=5\n")).front(), delete_preload + drop_in("").path);
    EXPECT_EQ(
        commands_for(drop_in("ExecStartPre=ip mptcp limits set subflows 3\n")).front(),
        "rm -f /etc/systemd/system/x.service.d/mptcp.conf");
}

TEST(UnitLeftovers, UnitIsDerivedFromThePath) {
    const std::string folder = "/etc/systemd/system/";
    EXPECT_EQ(unit_of({folder + "x.service", ""}), "x.service");
    EXPECT_EQ(unit_of({folder + "x@.service", ""}), "x@*.service");
    EXPECT_EQ(unit_of({folder + "x@1.service.d/a.conf", ""}), "x@1.service");
    EXPECT_EQ(unit_of({folder + "x-.service.d/a.conf", ""}), "x-*.service");
    EXPECT_EQ(unit_of({folder + "service.d/a.conf", ""}), "*.service");
    EXPECT_EQ(unit_of({"/opt/x/unit", "", {folder + "x.service"}}), "x.service");
    EXPECT_EQ(unit_of({"/usr/lib/systemd/system/x.service", "", {folder + "alias.service"}}), "x.service");
}

TEST(UnitLeftovers, SystemTapIsNotExported) {
    const auto leftover =
        unit_leftover(as_unit(service_file("ExecStart=/usr/bin/stap -g /root/mptcp-app.stap\n")), "", {});
    ASSERT_TRUE(leftover);
    EXPECT_FALSE(leftover->is_exported);
    EXPECT_NE(leftover->reason.find("the configuration has no equivalent"), std::string::npos);
}

} // namespace

} // namespace keeper
