// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/declared_units.hpp"
#include "applications/process_texts.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_states.hpp"

namespace keeper {

namespace {

const Source place{"/etc/mptcp-keeper/config.yaml", 3, 5};
const Source next_place{"/etc/mptcp-keeper/config.yaml", 4, 5};
const std::vector<std::string> known{"iperf3.service", "web@.service", "web@blue.service", "web.socket"};

ObservedUnits with_systemd(int version) {
    ObservedUnits units;
    units.known = known;
    units.systemd_version = version;
    units.sockets["web.socket"] = {{{std::nullopt, 80}}, ""};
    return units;
}

std::vector<std::string> units_of(const UnitDropIns& drop_ins) {
    std::vector<std::string> units;
    for (const auto& [unit, drop_in] : drop_ins.drop_ins) {
        units.push_back(unit);
    }
    return units;
}

TEST(UnitDropIns, ServiceGetsItsVariablesFromAFileThatTheFirstStepWrites) {
    const UnitDropIns drop_ins = make_unit_drop_ins({{"iperf3.service", place}}, with_systemd(252));
    EXPECT_TRUE(drop_ins.problems.empty());
    EXPECT_EQ(
        drop_ins.drop_ins.at("iperf3.service").text,
        "# Written by mptcp-keeper for /etc/mptcp-keeper/config.yaml:3\n"
        "[Unit]\n"
        "After=mptcp-keeper-boot.service\n"
        "[Service]\n"
        "ExecStartPre=+-/usr/lib/mptcp-keeper/unit-environment forget %n\n"
        "ExecStartPre=+-/usr/lib/mptcp-keeper/unit-environment set %n\n"
        "EnvironmentFile=-/run/mptcp-keeper/env/%n\n"
        "ExecStopPost=+-/usr/lib/mptcp-keeper/unit-environment forget %n\n");
}

TEST(UnitDropIns, GlobsInstancesAndTemplates) {
    using Units = std::vector<std::string>;
    EXPECT_EQ(
        units_of(make_unit_drop_ins({{"web@*.service", place}}, with_systemd(252))),
        (Units{"web@.service", "web@blue.service"}));
    EXPECT_EQ(
        units_of(make_unit_drop_ins({{"web@red.service", place}}, with_systemd(252))),
        Units{"web@red.service"});
    EXPECT_EQ(
        units_of(make_unit_drop_ins({{"web@b*.service", place}}, with_systemd(252))),
        Units{"web@blue.service"});
    EXPECT_EQ(units_of(make_unit_drop_ins({{"*", place}}, with_systemd(257))).size(), 4U);
}

TEST(UnitDropIns, AnInstanceHasTheDropInOfItsTemplate) {
    const UnitDropIns drop_ins =
        make_unit_drop_ins({{"web@*.service", place}, {"iperf3.service", place}}, with_systemd(252));
    EXPECT_TRUE(has_drop_in("web@red.service", drop_ins));
    EXPECT_TRUE(has_drop_in("iperf3.service", drop_ins));
    EXPECT_FALSE(has_drop_in("web.service", drop_ins));
    EXPECT_FALSE(has_drop_in("iperf3.service", UnitDropIns{}));
}

TEST(UnitDropIns, UnknownUnitIsAProblemAndAGlobWithoutUnitToo) {
    const UnitDropIns drop_ins =
        make_unit_drop_ins({{"no.service", place}, {"x*.service", next_place}}, with_systemd(252));
    const std::vector<std::string> expected{
        "/etc/mptcp-keeper/config.yaml:3: unit no.service does not exist",
        "/etc/mptcp-keeper/config.yaml:4: no unit matches x*.service"};
    EXPECT_EQ(drop_ins.problems, expected);
    EXPECT_EQ(units_of(drop_ins), std::vector<std::string>{"no.service"}) << "it may be created later";
}

TEST(UnitDropIns, SocketsRequireSystemd257) {
    EXPECT_EQ(
        make_unit_drop_ins({{"web.socket", place}}, with_systemd(257)).drop_ins.at("web.socket").text,
        "# Written by mptcp-keeper for /etc/mptcp-keeper/config.yaml:3\n"
        "[Unit]\n"
        "After=mptcp-keeper-boot.service\n"
        "[Socket]\n"
        "SocketProtocol=mptcp\n");
    const UnitDropIns old = make_unit_drop_ins({{"web.socket", place}}, with_systemd(252));
    EXPECT_TRUE(old.drop_ins.empty());
    ASSERT_EQ(old.problems.size(), 1U);
    EXPECT_NE(old.problems[0].find("systemd 252 does not support SocketProtocol=mptcp"), std::string::npos);
}

TEST(UnitDropIns, UnitsWithoutDefaultDependenciesAreNotOrderedAfterTheBootUnit) {
    const UnitDropIns drop_ins = make_unit_drop_ins(
        {{"*", place}, {"web@red.service", place}, {"web.socket", place}},
        with_systemd(257),
        {"iperf3.service", "web@.service", "web@blue.service", "web.socket"});
    ASSERT_EQ(drop_ins.drop_ins.size(), 5U);
    for (const auto& [unit, drop_in] : drop_ins.drop_ins) {
        EXPECT_EQ(drop_in.text.find("After="), std::string::npos) << unit;
        EXPECT_EQ(drop_in.text.find("[Unit]"), std::string::npos) << unit;
        const UnitDropIns late = make_unit_drop_ins({{unit, place}}, with_systemd(257));
        EXPECT_TRUE(does_the_same(drop_in.text, late.drop_ins.at(unit).text)) << "no reason to reload";
    }
}

TEST(UnitDropIns, AGlobLeavesTheKeepersOwnUnitsOut) {
    ObservedUnits host;
    host.known = {
        "mptcp-keeper.service", "mptcp-keeper-boot.service", "mptcp-keeper-bpf.service", "x.service"};
    for (const char* glob : {"*", "mptcp*", "*.service", "mptcp-keeper-bpf.serv?ce"}) {
        EXPECT_EQ(
            units_of(make_unit_drop_ins({{glob, place}, {"x.service", place}}, host)),
            std::vector<std::string>{"x.service"})
            << glob;
    }
    EXPECT_FALSE(means_unit("*", "mptcp-keeper-run-77-1.scope"));
    EXPECT_TRUE(means_unit("mptcp*", "mptcpd.service"));
}

TEST(DeclaredUnits, AnAliasMeansTheUnitItself) {
    const UnitAliases aliases{{"sshd.service", "ssh.service"}, {"autovt@.service", "getty@.service"}};
    ObservedUnits host;
    host.known = {"getty@.service", "ssh.service"};
    const auto units = [&](const std::string& declared) {
        const auto ids = with_unit_ids({{declared, place}}, aliases);
        const UnitDropIns drop_ins = make_unit_drop_ins(ids, host);
        EXPECT_TRUE(drop_ins.problems.empty()) << declared;
        for (const UnitStatus& status : unit_states(ids, host, {})) {
            EXPECT_EQ(status.state, UnitState::not_running) << status.unit;
        }
        return units_of(drop_ins);
    };
    using Units = std::vector<std::string>;
    EXPECT_EQ(units("sshd.service"), Units{"ssh.service"});
    EXPECT_EQ(units("sshd*"), Units{"ssh.service"});
    EXPECT_EQ(units("ssh*"), Units{"ssh.service"});
    EXPECT_EQ(units("autovt@tty1.service"), Units{"getty@tty1.service"});
    EXPECT_EQ(units("getty@tty1.service"), Units{"getty@tty1.service"});
    EXPECT_EQ(unit_id("web@x.service", aliases), "web@x.service");
}

TEST(UnitDropIns, AnEscapedInstanceReadsItsVariablesByItsName) {
    ObservedUnits host;
    host.known = {"web@.service"};
    const auto drop_ins = make_unit_drop_ins({{R"(web@a\x2fb.service)", place}}, host).drop_ins;
    ASSERT_EQ(drop_ins.count(R"(web@a\x2fb.service)"), 1U);
    EXPECT_NE(
        drop_ins.begin()->second.text.find("EnvironmentFile=-/run/mptcp-keeper/env/web@a\\\\x2fb.service\n"),
        std::string::npos)
        << "EnvironmentFile= is a pattern, in which a backslash escapes";
}

ProcessList running(const ObservedProcess& process) {
    ProcessList list;
    list.processes = {process};
    return list;
}

ObservedProcess iperf3() {
    ObservedProcess process;
    process.pid = 5;
    process.name = "iperf3";
    process.unit = "iperf3.service";
    process.sockets_known = true;
    return process;
}

UnitStatus state_of(const ObservedProcess& process) {
    return unit_states({{"iperf3.service", place}}, with_systemd(252), running(process)).at(0);
}

TEST(UnitStates, FollowTheProcessEnvironment) {
    ObservedProcess process = iperf3();
    EXPECT_EQ(state_of(process).state, UnitState::needs_restart);
    process.asks_go = true; // the helper ran and found no library
    EXPECT_EQ(state_of(process).state, UnitState::ineffective);
    EXPECT_NE(state_of(process).reason.find("install mptcpize"), std::string::npos);
    process.asks_for_preload = true;
    EXPECT_EQ(state_of(process).state, UnitState::ineffective);
    EXPECT_NE(state_of(process).reason.find("SELinux"), std::string::npos);
    process.is_secure = true;
    EXPECT_NE(state_of(process).reason.find("setuid"), std::string::npos);
    process.is_static = true;
    EXPECT_NE(state_of(process).reason.find("static"), std::string::npos);
    process.is_go = process.asks_go = true;
    EXPECT_EQ(state_of(process).state, UnitState::in_effect);
    process = iperf3();
    process.has_preload = true;
    EXPECT_EQ(
        state_of(process),
        (UnitStatus{"iperf3.service", UnitState::in_effect, "", to_string(place), 0, false}));
    process.unit = "other.service";
    EXPECT_EQ(state_of(process).state, UnitState::not_running);
}

TEST(UnitStates, OfGoProgramsIgnoreLibmptcpwrap) {
    ObservedProcess process = iperf3();
    process.is_go = process.has_preload = process.asks_for_preload = true;
    process.go_version = "1.24.4";
    EXPECT_EQ(state_of(process).state, UnitState::needs_restart);
    process.asks_go = true;
    EXPECT_EQ(state_of(process).state, UnitState::in_effect);
    process.tcp_sockets = 1;
    EXPECT_EQ(state_of(process).state, UnitState::ineffective) << "the sockets decide";
    process.mptcp_sockets = 1;
    EXPECT_EQ(state_of(process).state, UnitState::in_effect);
    process = iperf3();
    process.is_go = process.asks_go = true;
    process.go_version = "1.19.8";
    EXPECT_EQ(state_of(process).state, UnitState::ineffective);
    EXPECT_NE(state_of(process).reason.find("built with Go 1.19.8"), std::string::npos);
}

TEST(ProcessTexts, ACommandLineCanBePasted) {
    using namespace std::string_literals;
    EXPECT_EQ(
        shell_command("/usr/bin/web\0--port=80\0a b\0\0it's\0"s),
        "/usr/bin/web --port=80 'a b' '' 'it'\\''s'");
    EXPECT_EQ(shell_command(""), "");
    EXPECT_EQ(shell_command("$(x)"), "'$(x)'");
}

TEST(UnitStates, CoverInstancesOfAGlobAndMissingUnits) {
    ObservedProcess process = iperf3();
    process.unit = "web@red.service";
    const auto states = unit_states(
        {{"web@*.service", place}, {"no.service", next_place}}, with_systemd(252), running(process));
    ASSERT_EQ(states.size(), 3U);
    EXPECT_EQ(states[0].state, UnitState::not_found);
    EXPECT_EQ(states[1].unit, "web@blue.service");
    EXPECT_EQ(states[2].unit, "web@red.service");
}

TEST(UnitStates, InstancesAndTemplatesAreDeclaredByTheirNamesToo) {
    ObservedProcess process = iperf3();
    process.unit = "web@red.service";
    const auto states = unit_states(
        {{"web@.service", place}, {"web@green.service", place}}, with_systemd(252), running(process));
    ASSERT_EQ(states.size(), 3U);
    EXPECT_EQ(states[1].unit, "web@green.service");
    EXPECT_EQ(states[1].state, UnitState::not_running);
    EXPECT_EQ(states[2].unit, "web@red.service");
    EXPECT_EQ(states[2].state, UnitState::needs_restart);
}

TEST(UnitStates, WithoutTheLibraryARestartWouldNotHelp) {
    ObservedUnits units = with_systemd(252);
    units.has_preload_library = false;
    ObservedProcess process = iperf3();
    const auto state_of_it = [&] {
        return unit_states({{"iperf3.service", place}}, units, running(process)).at(0);
    };
    EXPECT_EQ(state_of_it().state, UnitState::ineffective);
    EXPECT_NE(state_of_it().reason.find("install mptcpize"), std::string::npos);
    process.is_go = true;
    EXPECT_EQ(state_of_it().state, UnitState::needs_restart) << "Go does not use the library";
}

TEST(UnitStates, PassedSocketsKeepTheirProtocol) {
    ObservedProcess process = iperf3();
    process.has_preload = process.asks_for_preload = true;
    process.tcp_sockets = 1;
    EXPECT_EQ(state_of(process).state, UnitState::ineffective);
    EXPECT_NE(state_of(process).reason.find("socket unit"), std::string::npos);
    EXPECT_NE(
        state_of(process).reason.find("systemctl clean --what=fdstore iperf3.service"), std::string::npos);
}

TEST(UnitStates, SocketsOfASocketUnitAreCuredThere) {
    ObservedProcess process = iperf3();
    process.has_preload = process.asks_for_preload = true;
    process.tcp_sockets = 1;
    const auto reason = [&](int version) {
        ObservedUnits units = with_systemd(version);
        units.sockets["iperf3.socket"] = {{{std::nullopt, 5201}}, ""};
        units.open_sockets = {"iperf3.socket"};
        return unit_states({{"iperf3.service", place}}, units, running(process)).at(0).reason;
    };
    EXPECT_NE(reason(257).find("declare iperf3.socket under applications.units"), std::string::npos);
    EXPECT_NE(reason(252).find("systemd 252 cannot open MPTCP sockets"), std::string::npos) << reason(252);
    EXPECT_EQ(reason(252).find("under applications.units"), std::string::npos);
}

TEST(UnitStates, OneTcpListenerAmongMptcpSocketsIsARemark) {
    ObservedProcess process = iperf3();
    process.has_preload = process.asks_for_preload = true;
    process.tcp_sockets = 3; // accepted connections of clients without MPTCP
    process.mptcp_sockets = 1;
    EXPECT_EQ(state_of(process).reason, "");
    process.tcp_listeners = 1;
    EXPECT_EQ(state_of(process).state, UnitState::in_effect);
    EXPECT_EQ(state_of(process).reason.find("1 of its listening sockets is plain TCP"), 0U)
        << state_of(process).reason;
}

TEST(UnitStates, AProgramWithAnOptionOfItsOwnIsToldSo) {
    ObservedProcess process = iperf3();
    process.executable = "/usr/bin/iperf3";
    process.tcp_sockets = 1;
    EXPECT_NE(state_of(process).reason.find("from 3.19, `--mptcp`"), std::string::npos);
    process.has_preload = process.asks_for_preload = true;
    EXPECT_NE(state_of(process).reason.find("from 3.19, `--mptcp`"), std::string::npos);
    process.mptcp_sockets = 1;
    EXPECT_EQ(state_of(process).reason, "") << "it uses MPTCP";
}

TEST(UnitStates, OldGoIgnoresItsVariable) {
    ObservedProcess process = iperf3();
    process.is_go = process.is_static = process.asks_go = true;
    process.tcp_sockets = 1;
    EXPECT_EQ(state_of(process).state, UnitState::ineffective);
    EXPECT_NE(state_of(process).reason.find("Go 1.21"), std::string::npos);
}

TEST(UnitStates, AShellThatStartedTheProgramDoesNotCount) {
    ObservedProcess shell = iperf3();
    shell.has_preload = shell.asks_for_preload = true;
    ObservedProcess program = iperf3();
    program.pid = 6;
    program.is_static = true;
    program.tcp_sockets = 1;
    ProcessList both;
    both.processes = {shell, program};
    const auto states = unit_states({{"iperf3.service", place}}, with_systemd(252), both);
    EXPECT_EQ(states.at(0).state, UnitState::ineffective);
    EXPECT_NE(states.at(0).reason.find("static"), std::string::npos);
}

TEST(UnitStates, WithMptcpOffARestartWouldNotHelp) {
    ObservedUnits units = with_systemd(257);
    units.mptcp_stays_off = true;
    const auto states =
        unit_states({{"iperf3.service", place}, {"web.socket", place}}, units, running(iperf3()));
    for (const UnitStatus& status : states) {
        EXPECT_EQ(status.state, UnitState::ineffective) << status.unit;
        EXPECT_TRUE(status.is_refused) << status.unit;
        EXPECT_NE(status.reason.find("net.mptcp.enabled is not 1"), std::string::npos) << status.unit;
    }
    EXPECT_EQ(units_of(make_unit_drop_ins({{"web.socket", place}}, units)), std::vector<std::string>{})
        << "systemd would fail to open it";
}

TEST(UnitStates, SocketUnitsFollowTheListeningSockets) {
    ObservedUnits units = with_systemd(257);
    const auto state = [&] { return unit_states({{"web.socket", place}}, units, {}).at(0).state; };
    const SocketAddress port{*IpAddress::parse("::"), 80};
    units.listeners.tcp = {port};
    EXPECT_EQ(state(), UnitState::not_running) << "another program listens there";
    units.open_sockets = {"web.socket"};
    EXPECT_EQ(state(), UnitState::needs_restart);
    units.listeners.mptcp = {port};
    EXPECT_EQ(state(), UnitState::in_effect);
}

TEST(UnitStates, SocketUnitsThatAreNotAllTcpAreRefused) {
    ObservedUnits units = with_systemd(257);
    units.known = {"dbus.socket", "mixed.socket", "web.socket"};
    units.sockets["dbus.socket"] = {{}, "/run/dbus"};
    units.sockets["mixed.socket"] = {{{std::nullopt, 80}}, "/run/mixed"};
    EXPECT_EQ(
        units_of(make_unit_drop_ins({{"*", place}, {"dbus.socket", place}}, units)),
        std::vector<std::string>{"web.socket"});
    const auto named = unit_states({{"dbus.socket", place}}, units, {});
    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named[0].state, UnitState::ineffective);
    EXPECT_TRUE(named[0].is_refused);
    EXPECT_NE(named[0].reason.find("/run/dbus"), std::string::npos);
    const auto matched = unit_states({{"*.socket", place}}, units, {});
    ASSERT_EQ(matched.size(), 2U) << "a glob matches no unit without TCP addresses";
    EXPECT_EQ(matched[0].unit, "mixed.socket");
    EXPECT_FALSE(matched[0].is_refused) << "it is not named";
}

TEST(UnitStates, ProcessesOfInstancesAreRead) {
    const ProcessQuery query = processes_of_units({{"web@.service", place}, {"iperf3.service", place}});
    EXPECT_TRUE(query.accepts_unit("web@red.service"));
    EXPECT_TRUE(query.accepts_unit("iperf3.service"));
    EXPECT_FALSE(query.accepts_unit("web.service"));
    EXPECT_FALSE(query.accepts_unit(""));
}

} // namespace

} // namespace keeper
