// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "host_config/mechanisms.hpp"
#include "support/dice.hpp"
#include "support/doctor_hosts.hpp"

/// Random hosts and declarations on which doctor and the plan must agree.
namespace keeper::doctor_test {

using test::Dice;

inline const HostMechanism& mechanism_of(std::string_view place) {
    for (const HostMechanism& mechanism : host_mechanisms()) {
        if (std::find(mechanism.places.begin(), mechanism.places.end(), place) != mechanism.places.end()) {
            return mechanism;
        }
    }
    throw std::runtime_error("no mechanism has the place " + std::string(place));
}

inline std::string random_endpoint_words(Dice& dice) {
    return dice.any_of<std::string>(
        {"signal", "subflow", "signal, subflow", "subflow, backup", "subflow, fullmesh", "subflow, laminar"});
}

inline EndpointFlags random_live_flags(Dice& dice) {
    using enum EndpointFlag;
    return dice.any_of<EndpointFlags>(
        {{signal}, {subflow}, {signal, subflow}, {subflow, backup}, {backup}, {}, {subflow, fullmesh}});
}

inline std::string random_profile_words(Dice& dice) {
    return dice.any_of<std::string>(
        {"[subflow]",
         "[signal]",
         "[signal, subflow]",
         "[subflow, also-without-default-route]",
         "[subflow, also-without-sysctl]",
         "[subflow, backup]",
         "disabled",
         "default",
         "null"});
}

inline MptcpFlags random_profile_flags(Dice& dice) {
    using enum MptcpFlag;
    return dice.any_of<MptcpFlags>(
        {{}, {disabled}, {subflow}, {signal}, {signal, subflow}, {subflow, also_without_default_route}});
}

inline void add_link(Facts& facts, int index, const char* name, const char* text, const char* kind) {
    facts.host.links->push_back(link(index, name, text));
    if (*kind != '\0') {
        facts.link_drivers[Ifindex{index}] = {kind, {}};
    }
}

inline void lay_down_network_manager(Facts& facts, Dice& dice) {
    facts.host.network_manager_never_ran = false;
    NetworkManagerState state = manager(dice.coin() ? "1.56.0" : "1.42.4", {});
    if (dice.below(4) == 0) {
        state.default_flags = {MptcpFlag::disabled};
    }
    Profile tunnel = state.profiles[0];
    tunnel.uuid = "1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c19";
    tunnel.name = "office";
    tunnel.type = dice.coin() ? "wireguard" : "generic";
    tunnel.activations = {{"wg0", Ifindex{4}, {}, false}};
    state.profiles.push_back(tunnel);
    for (Profile& profile : state.profiles) {
        profile.stored = random_profile_flags(dice);
        ProfileActivation& activation = profile.activations[0];
        activation.live = dice.below(4) == 0 ? random_profile_flags(dice) : profile.stored;
        activation.reapply_disturbs = dice.coin();
        if (dice.below(6) == 0) {
            activation.default_flags = MptcpFlags{MptcpFlag::disabled};
        }
        const MptcpFlags flags = resolve(activation.live, activation, state);
        for (const Endpoint& made :
             endpoints_by_network_manager(flags, *find_link(facts.host, activation.ifindex), true)) {
            if (find_endpoint(facts.host, made.key) == nullptr && dice.below(8) != 0) {
                add_as_kernel(facts.host, made);
            }
        }
    }
    facts.host.network_manager = std::move(state);
}

inline void lay_down_endpoints(Facts& facts, Dice& dice) {
    const std::vector<std::pair<const char*, int>> places{
        {"192.0.2.1", 2},
        {"198.51.100.1", 3},
        {"10.8.0.1", 4},
        {"203.0.113.1", 5},
        {"10.0.0.9", 3},
        {"2001:db8::1", 3}};
    for (std::uint32_t left = dice.below(4); left > 0; --left) {
        const auto& [text, index] = dice.any_of(places);
        Endpoint one = endpoint(text, dice.coin() ? index : dice.coin() ? 0 : 2, random_live_flags(dice), 0);
        if (dice.below(5) == 0) {
            one.key.port = 4321;
            one.flags = {EndpointFlag::signal};
        }
        if (find_endpoint(facts.host, one.key) == nullptr) {
            add_as_kernel(facts.host, one);
        }
    }
}

inline void lay_down_history(Facts& facts, Dice& dice) {
    facts.counters = {{"MPCapableSYNTX", dice.below(3)}, {"MPCapableSYNRX", dice.below(3)}};
    for (const char* name :
         {"MPJoinRejected", "MPJoinSynTxBindErr", "DataCsumErr", "MPJoinNoTokenFound", "AddAddr"}) {
        if (dice.below(4) == 0) {
            facts.counters[name] = 1 + dice.below(5);
        }
    }
    if (dice.coin()) {
        connect(facts, dice.coin() ? std::vector{"192.0.2.1"} : std::vector{"2001:db8::1"}, dice.coin());
    }
    if (dice.below(3) == 0) {
        connect(facts, {"192.0.2.1", "198.51.100.1"}, true);
        for (ConnectionSubflow& subflow : facts.host.connections->back().subflows) {
            subflow.backup = true;
        }
    }
    for (const char* unit : {"server.service", "app@one\\x2dtwo.service", "session-1.scope"}) {
        if (dice.below(3) == 0) {
            facts.programs.push_back(program(7, 1, dice.below(4) == 0 ? 1 : 0));
            facts.programs.back().unit = unit;
            facts.programs.back().is_requested = dice.coin();
        }
    }
    if (dice.below(4) == 0) {
        facts.mptcpd.emplace();
        facts.mptcpd->pid = dice.coin() ? std::optional<std::int64_t>(9) : std::nullopt;
    }
}

inline void add_file(Facts& facts, const char* place, const char* path, const std::string& text) {
    facts.mechanism_files.push_back({.file = {path, text}, .mechanism = &mechanism_of(place)});
}

inline void lay_down_files(Facts& facts, Dice& dice) {
    if (dice.coin()) {
        const std::string line = dice.any_of<std::string>(
            {"net.mptcp.enabled=1\n",
             "net.mptcp.enabled = 0\n",
             "net.mptcp.enabled = 0x1\n",
             "net.mptcp.mptcp_enabled=0\n",
             "net.mptcp.mptcp_checksum=1\n",
             "net.mptcp.path_manager=kernel\n"});
        facts.sysctl_files = {{"/etc/sysctl.d/90-mptcp.conf", line}};
        add_file(facts, "/etc/sysctl.d/*.conf", "/etc/sysctl.d/90-mptcp.conf", line);
    }
    if (dice.coin()) {
        add_file(
            facts,
            "/etc/rc.local",
            "/etc/rc.local",
            "#!/bin/sh\n" + dice.any_of<std::string>(
                                {"ip mptcp limits set subflows 4\n",
                                 "ip mptcp endpoint add 192.0.2.1 dev eth0 subflow\n",
                                 "ip mptcp endpoint add $ADDRESS signal\n",
                                 "nmcli connection modify wan connection.mptcp-flags signal\n"}));
    }
    if (dice.below(3) == 0) {
        add_file(
            facts,
            "/etc/systemd/system/*.d/*.conf",
            "/etc/systemd/system/server.service.d/mptcp.conf",
            "[Service]\nEnvironment=LD_PRELOAD=libmptcpwrap.so.0.0.1\n");
    }
}

inline Facts random_facts(Dice& dice) {
    Facts facts = healthy_facts();
    facts.host.kernel_release = dice.coin() ? "6.18.0" : "6.1.0";
    facts.host.endpoints->clear();
    facts.routes.clear();
    add_link(facts, 4, "wg0", "10.8.0.1", "wireguard");
    add_link(facts, 5, "eth2", "203.0.113.1", "");
    LinkAddress v6;
    v6.address = address("2001:db8::1");
    v6.no_prefix_route = true;
    v6.dad_failed = dice.below(6) == 0;
    v6.tentative = dice.below(6) == 0;
    (*facts.host.links)[1].addresses.push_back(v6);
    for (Link& one : *facts.host.links) {
        one.default_route_v4 = dice.below(3) != 0;
    }
    facts.host.sysctls = {
        {"enabled", dice.below(5) == 0 ? "0" : "1"},
        {"path_manager", dice.below(4) == 0 ? "userspace" : "kernel"},
        {"checksum_enabled", dice.coin() ? "1" : "0"},
        {"allow_join_initial_addr_port", dice.coin() ? "1" : "0"}};
    (*facts.host.sysctls)["pm_type"] = (*facts.host.sysctls)["path_manager"] == "kernel" ? "0" : "1";
    if (dice.coin()) {
        (*facts.host.sysctls)["add_addr_v6_port_drop_ts"] = "0";
    }
    facts.host.limits = Limits{dice.below(9), dice.below(5)};
    if (dice.coin()) {
        facts.kernel.limit_maximum = 8;
    }
    if (dice.coin()) {
        lay_down_network_manager(facts, dice);
    }
    lay_down_endpoints(facts, dice);
    lay_down_history(facts, dice);
    lay_down_files(facts, dice);
    return facts;
}

inline std::string random_sysctls(Dice& dice, bool is_on) {
    std::string keys = is_on ? "enabled: true" : dice.coin() ? "enabled: false" : "add_addr_timeout: 120";
    keys += dice.any_of<std::string>(
        {"", ", path_manager: kernel", ", path_manager: userspace", ", pm_type: 1", ", pm_type: 0"});
    keys += dice.any_of<std::string>({"", ", checksum_enabled: true", ", checksum_enabled: false"});
    keys += dice.any_of<std::string>({"", ", allow_join_initial_addr_port: false"});
    return "sysctl: {" + keys + "}\n";
}

inline std::string random_endpoints(Dice& dice) {
    std::string text;
    int id = 11;
    for (const char* key :
         {"192.0.2.1",
          "198.51.100.1, interface: eth1",
          "10.8.0.1",
          "203.0.113.1, interface: eth2",
          "10.0.0.9",
          "203.0.113.200",
          "2001:db8::1, interface: eth1",
          "192.0.2.1, port: 4321"}) {
        if (dice.below(4) != 0) {
            continue;
        }
        const std::string whole = key;
        const std::string quoted = "\"" + whole.substr(0, whole.find(',')) + "\"";
        const std::size_t comma = whole.find(',');
        const std::string rest = comma == std::string::npos ? "" : whole.substr(comma);
        const bool has_port = rest.find("port") != std::string::npos;
        if (dice.below(4) == 0) {
            text += "  - {address: " + quoted + (has_port ? rest : "") + ", state: absent}\n";
            continue;
        }
        text += "  - {address: " + quoted + rest + ", flags: [" +
                (has_port ? "signal" : random_endpoint_words(dice)) + "]" +
                (dice.below(4) == 0 ? ", id: " + std::to_string(id++) : "") + "}\n";
    }
    return text.empty() ? "" : "endpoints:\n" + text;
}

inline std::string random_profiles(Dice& dice) {
    std::string text;
    for (const char* match :
         {"name: \"*\"",
          "name: wan",
          "name: lan",
          "type: wireguard",
          "uuid: 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c12"}) {
        if (dice.below(4) == 0) {
            text += std::string("  - match: {") + match +
                    "}\n    mptcp-flags: " + random_profile_words(dice) + "\n";
        }
    }
    return text.empty() ? "" : "profiles:\n" + text;
}

/// Each section may be missing.
inline std::string random_declaration(Dice& dice) {
    const bool has_units = dice.below(3) == 0;
    std::string text;
    if (dice.coin()) {
        text += random_sysctls(dice, has_units);
    }
    if (dice.coin()) {
        text += "limits: {subflows: " + std::to_string(dice.below(9)) +
                (dice.coin() ? ", add_addr_accepted: " + std::to_string(dice.below(9)) : "") + "}\n";
    }
    text += dice.coin() ? random_endpoints(dice) : "";
    text += dice.coin() ? random_profiles(dice) : "";
    text += has_units ? "applications: {units: [server.service]}\n" : "";
    return text;
}

} // namespace keeper::doctor_test
