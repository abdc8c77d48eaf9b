// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/declared_units.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "applications/unit_states.hpp"

namespace keeper {

namespace {

using NeverUnits = std::map<std::string, Source>;
using NeverProtocols = std::map<std::string, std::string>;

const Source never_first{"a.yaml", 3, 5};
const Source never_second{"a.yaml", 4, 5};

ObservedUnits never_host(int systemd = 257) {
    ObservedUnits host;
    host.systemd_version = systemd;
    host.known = {"web.service", "web.socket", "web@.service", "web@blue.service"};
    host.sockets["web.socket"] = {{{std::nullopt, 80}}, ""};
    return host;
}

NeverProtocols
never_protocols(const NeverUnits& units, const NeverUnits& never, const ObservedUnits& host = never_host()) {
    NeverProtocols found;
    for (const auto& [unit, drop_in] : make_unit_drop_ins(units, host, {}, never).drop_ins) {
        found[unit] = to_string(drop_in.protocol);
    }
    return found;
}

TEST(Never, GetsADropInThatKeepsTheUnitOnTcp) {
    const UnitDropIns made = make_unit_drop_ins({}, never_host(), {}, {{"web.service", never_first}});
    EXPECT_TRUE(made.problems.empty());
    const std::string& text = made.drop_ins.at("web.service").text;
    EXPECT_EQ(
        text,
        "# Written by mptcp-keeper for a.yaml:3\n"
        "[Service]\n"
        "ExecStartPre=+-/usr/lib/mptcp-keeper/unit-environment forget %n\n"
        "ExecStartPre=+-/usr/lib/mptcp-keeper/unit-environment set-tcp %n\n"
        "EnvironmentFile=-/run/mptcp-keeper/env/%n\n"
        "ExecStopPost=+-/usr/lib/mptcp-keeper/unit-environment forget %n\n");
    EXPECT_EQ(protocol_of_drop_in(text), UnitProtocol::tcp);
}

TEST(Never, WinsOverAGlobInUnits) {
    EXPECT_EQ(
        never_protocols({{"web*.service", never_first}}, {{"web.service", never_second}}),
        (NeverProtocols{{"web.service", "tcp"}, {"web@.service", "mptcp"}, {"web@blue.service", "mptcp"}}));
    EXPECT_EQ(
        never_protocols({{"web@*.service", never_first}}, {{"web@blue.service", never_second}}),
        (NeverProtocols{{"web@.service", "mptcp"}, {"web@blue.service", "tcp"}}));
    EXPECT_EQ(
        never_protocols({{"web@*.service", never_first}}, {{"web@.service", never_second}}),
        (NeverProtocols{{"web@.service", "tcp"}}));
    EXPECT_EQ(
        never_protocols({{"web@.service", never_first}}, {{"web@blue.service", never_second}}),
        (NeverProtocols{{"web@.service", "mptcp"}, {"web@blue.service", "tcp"}}));
}

TEST(Never, AGlobInItGivesWayToTheNameOfTheUnit) {
    EXPECT_EQ(
        never_protocols({{"web@blue.service", never_first}}, {{"web@*.service", never_second}}),
        (NeverProtocols{{"web@.service", "tcp"}, {"web@blue.service", "mptcp"}}));
}

TEST(Never, WinsAlsoByAnAlias) {
    const UnitAliases aliases{{"http.service", "web.service"}};
    const NeverUnits never = with_unit_ids({{"http.service", never_second}}, aliases);
    EXPECT_EQ(
        never_protocols(with_unit_ids({{"web.serv*", never_first}}, aliases), never),
        (NeverProtocols{{"web.service", "tcp"}}));
    EXPECT_EQ(
        never_protocols({{"web.service", never_first}}, never), (NeverProtocols{{"web.service", "tcp"}}));
    // A glob in `units` that only matches the alias is no name of the unit.
    const NeverUnits by_alias = with_unit_ids({{"htt*.service", never_first}}, aliases);
    EXPECT_EQ(
        never_protocols(by_alias, {{"we?.service", never_second}}), (NeverProtocols{{"web.service", "tcp"}}));
}

TEST(Never, UnknownUnitIsAProblemAndGetsItsDropInAllTheSame) {
    const UnitDropIns made =
        make_unit_drop_ins({}, never_host(), {}, {{"no.service", never_first}, {"x*", never_second}});
    EXPECT_EQ(
        made.problems,
        (std::vector<std::string>{
            "a.yaml:3: unit no.service does not exist", "a.yaml:4: no unit matches x*"}));
    EXPECT_EQ(made.drop_ins.count("no.service"), 1U);
}

TEST(Never, ASocketUnitHasNoDropIn) {
    ObservedUnits host = never_host();
    host.sockets["web.socket"].asks_for_mptcp = true;
    EXPECT_EQ(never_protocols({}, {{"web.socket", never_first}}, host), NeverProtocols{})
        << "systemd does not accept an empty SocketProtocol=";
    EXPECT_EQ(
        never_protocols({{"web*.socket", never_first}}, {{"web.socket", never_second}}), NeverProtocols{});
}

ObservedProcess never_process() {
    ObservedProcess process;
    process.pid = 5;
    process.name = "web";
    process.executable = "/usr/sbin/web";
    process.unit = "web.service";
    process.sockets_known = true;
    process.mptcp_sockets = 1;
    return process;
}

UnitStatus never_state_of(const ObservedProcess& process, ObservedUnits host = never_host()) {
    host.drop_ins = {{"web.service", "ExecStartPre=x set-tcp %n\n"}};
    host.systemd_runs = true;
    ProcessList running;
    running.processes = {process};
    return unit_states({}, host, running, {{"web.service", never_first}}).at(0);
}

bool never_reason_has(const UnitStatus& status, const char* text) {
    return status.reason.find(text) != std::string::npos;
}

TEST(NeverStates, InEffectWithoutMptcpSocketsAndWithTheDropIn) {
    ObservedProcess process = never_process();
    process.mptcp_sockets = 0;
    process.tcp_sockets = 2;
    EXPECT_EQ(never_state_of(process).state, UnitState::in_effect);
    EXPECT_EQ(never_state_of(process).protocol, UnitProtocol::tcp);
    ObservedUnits host = never_host();
    host.systemd_runs = true;
    ProcessList running;
    running.processes = {process};
    const UnitStatus without = unit_states({}, host, running, {{"web.service", never_first}}).at(0);
    EXPECT_EQ(without.state, UnitState::ineffective);
    EXPECT_TRUE(never_reason_has(without, "not loaded its drop-in")) << without.reason;
}

TEST(NeverStates, NeedsARestartIfItsEnvironmentAskedForMptcp) {
    ObservedProcess process = never_process();
    process.has_preload = process.asks_for_preload = true;
    EXPECT_EQ(never_state_of(process).state, UnitState::needs_restart);
    process = never_process();
    process.is_go = true;
    process.go_version = "1.24.4";
    EXPECT_EQ(never_state_of(process).state, UnitState::needs_restart)
        << "Go 1.24 listens with MPTCP by default";
    process.go_version = "1.23.1";
    EXPECT_EQ(never_state_of(process).state, UnitState::ineffective) << "only its code can have asked for it";
    process.asks_go = true;
    EXPECT_EQ(never_state_of(process).state, UnitState::needs_restart);
}

TEST(NeverStates, NeedsARestartIfItsNextSocketsWouldBeMptcp) {
    ObservedProcess process = never_process();
    process.mptcp_sockets = 0;
    process.has_preload = true;
    EXPECT_EQ(never_state_of(process).state, UnitState::needs_restart);
    EXPECT_TRUE(never_reason_has(never_state_of(process), "its next sockets would be MPTCP"));
    process.refuses_go = true;
    EXPECT_NE(never_state_of(process).state, UnitState::needs_restart) << "it was started with the drop-in";
    process.is_go = true;
    process.refuses_go = false;
    process.go_version = "1.24.4";
    EXPECT_NE(never_state_of(process).state, UnitState::needs_restart) << "a default of Go is not enough";
    process.asks_go = true;
    EXPECT_EQ(never_state_of(process).state, UnitState::needs_restart);
}

TEST(NeverStates, IneffectiveIfTheProgramAsksForMptcpItself) {
    ObservedProcess process = never_process();
    EXPECT_EQ(never_state_of(process).state, UnitState::ineffective);
    EXPECT_TRUE(never_reason_has(never_state_of(process), "switch MPTCP off in its configuration"));
    process.executable = "/usr/sbin/nginx";
    EXPECT_TRUE(never_reason_has(never_state_of(process), "remove `multipath` from its `listen` lines"))
        << never_state_of(process).reason;
    process.is_go = process.refuses_go = true;
    process.go_version = "1.24.4";
    EXPECT_EQ(never_state_of(process).state, UnitState::ineffective);
    EXPECT_TRUE(never_reason_has(never_state_of(process), "SetMultipathTCP"));
}

TEST(NeverStates, IneffectiveIfItsSocketUnitOpensMptcpSockets) {
    ObservedUnits host = never_host();
    host.listeners.mptcp = host.listeners.tcp = {{*IpAddress::parse("::"), 80}};
    EXPECT_TRUE(never_reason_has(
        never_state_of(never_process(), host), "declare web.socket under applications.never"));
}

TEST(NeverStates, UnknownNotRunningAndNotFound) {
    ObservedProcess process = never_process();
    process.sockets_known = false;
    process.mptcp_sockets = 0;
    EXPECT_EQ(never_state_of(process).state, UnitState::unknown);
    const auto states =
        unit_states({}, never_host(), {}, {{"web.service", never_first}, {"no.service", never_second}});
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].state, UnitState::not_found);
    EXPECT_EQ(states[1].state, UnitState::not_running);
}

TEST(NeverStates, AreListedOnceForAUnitThatAGlobInUnitsMatches) {
    ProcessList running;
    running.processes = {never_process()};
    const auto states =
        unit_states({{"web*.service", never_first}}, never_host(), running, {{"web.service", never_second}});
    ASSERT_EQ(states.size(), 2U); // and web@blue.service
    EXPECT_EQ(states[0].unit, "web.service");
    EXPECT_EQ(states[0].protocol, UnitProtocol::tcp);
}

TEST(NeverStates, OfSocketUnitsFollowTheirSockets) {
    ObservedUnits host = never_host();
    const auto state = [&] { return unit_states({}, host, {}, {{"web.socket", never_first}}).at(0).state; };
    EXPECT_EQ(state(), UnitState::not_running);
    host.open_sockets = {"web.socket"};
    host.listeners.tcp = {{*IpAddress::parse("::"), 80}};
    EXPECT_EQ(state(), UnitState::in_effect);
    host.listeners.mptcp = host.listeners.tcp;
    EXPECT_EQ(state(), UnitState::needs_restart);
    host.sockets["web.socket"].asks_for_mptcp = true;
    EXPECT_EQ(state(), UnitState::ineffective) << "its own files make them MPTCP";
    host.sockets["web.socket"] = {{}, "/run/web.sock"};
    EXPECT_EQ(state(), UnitState::in_effect) << "it has no TCP address";
}

} // namespace

} // namespace keeper
