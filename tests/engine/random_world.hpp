// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "engine/world.hpp"
#include "support/dice.hpp"

/// Random hosts and declarations for the property tests.
namespace keeper::test {

inline EndpointFlags random_endpoint_flags(Dice& dice) {
    return dice.any_of<EndpointFlags>(
        {{f_signal},
         {f_subflow},
         {f_signal, f_subflow},
         {f_signal, f_backup},
         {f_subflow, f_backup},
         {f_subflow, EndpointFlag::fullmesh},
         {f_subflow, EndpointFlag::laminar}});
}

inline MptcpFlags random_mptcp_flags(Dice& dice) {
    return dice.any_of<MptcpFlags>(
        {{},
         {MptcpFlag::disabled},
         {MptcpFlag::subflow},
         {MptcpFlag::signal},
         {MptcpFlag::signal, MptcpFlag::subflow},
         {MptcpFlag::signal, MptcpFlag::also_without_default_route},
         {MptcpFlag::subflow, MptcpFlag::backup},
         {MptcpFlag::subflow, MptcpFlag::fullmesh, MptcpFlag::also_without_default_route},
         {MptcpFlag::subflow, MptcpFlag::also_without_sysctl},
         {MptcpFlag::enabled},
         {MptcpFlag::subflow, MptcpFlag::laminar}});
}

/// Four interfaces of which NetworkManager handles up to three, some with IPv6 or without a default route,
/// and foreign endpoints for addresses that do not exist or are on an interface of their own.
inline void randomize_host(World& world, Dice& dice) {
    const bool knows_laminar = dice.coin();
    world.network_manager.state.version = knows_laminar ? "1.56.0" : "1.42.4";
    const auto known_flags = [&] {
        const MptcpFlags flags = random_mptcp_flags(dice);
        return knows_laminar ? flags : flags.without(MptcpFlag::laminar);
    };
    for (int i = 1; i <= 4; ++i) {
        const std::string number = std::to_string(i);
        std::vector<std::string> addresses{"192.0.2." + number};
        if (dice.below(3) == 0) {
            addresses.push_back("2001:db8::" + number);
        }
        Link one = link(i + 1, "eth" + number, addresses);
        one.default_route_v4 = dice.coin();
        one.default_route_v6 = dice.coin();
        world.links.present.push_back(one);
        if (i < 4 && dice.below(4) != 0) {
            Profile profile = active_profile("p" + number, one, known_flags());
            profile.activations[0].reapply_disturbs = dice.below(3) != 0;
            if (dice.below(5) == 0) {
                profile.activations[0].live = known_flags();
            }
            world.network_manager.state.profiles.push_back(profile);
        }
    }
    world.sysctls.values["enabled"] = dice.coin() ? "1" : "0";
    const bool is_old = dice.coin();
    world.path_manager.known_flags = EndpointFlags::from_raw(is_old ? 31 : 63);
    world.kernel_release = is_old ? "6.1.0-test" : "6.18.0-test";
    world.path_manager.current_limits = {dice.below(9), dice.below(9)};
    const std::uint32_t foreign = dice.below(5);
    for (std::uint32_t i = 0; i < foreign; ++i) {
        const EndpointFlags flags = random_endpoint_flags(dice) & world.path_manager.known_flags;
        world.path_manager.table.push_back(
            endpoint("10.0.0." + std::to_string(i), flags, dice.coin() ? 5 : 0, static_cast<int>(i) + 1));
    }
    world.network_manager.activate_all();
}

/// Adds every address of a foreign endpoint: without it, a subflow endpoint would wait forever to be
/// restored.
inline void add_foreign_addresses(World& world) {
    for (int i = 0; i < 8; ++i) {
        LinkAddress one;
        one.address = address("10.0.0." + std::to_string(i));
        world.links.present[3].addresses.push_back(one);
    }
}

inline void randomize_sysctls_and_limits(World& world, Dice& dice) {
    DesiredState& desired = world.desired;
    if (dice.coin()) {
        desired.sysctls["enabled"] = declared(dice.below(4) == 0 ? "0" : "1");
    }
    if (dice.coin()) {
        desired.sysctls["add_addr_timeout"] = declared(std::to_string(dice.below(5)));
    }
    if (const std::uint32_t name = dice.below(4); name == 0) {
        desired.sysctls["pm_type"] = declared(dice.coin() ? "1" : "0");
    } else if (name == 1) {
        desired.sysctls["path_manager"] = declared(dice.coin() ? "kernel" : "userspace");
    }
    if (dice.coin()) {
        desired.subflows = declared(dice.below(10)); // 9 is refused
    }
    if (dice.coin()) {
        desired.add_addr_accepted = declared(dice.below(9));
    }
}

inline void randomize_endpoints(World& world, Dice& dice) {
    std::vector<int> pins{1, 2, 3, 4, 5, 6};
    for (std::uint32_t i = dice.below(6); i > 0; --i) {
        const std::string at =
            dice.below(4) == 0 ? std::string("192.0.2.4") : "10.0.0." + std::to_string(dice.below(8));
        DesiredEndpoint wanted =
            dice.below(4) == 0 ? absent_endpoint() : desired_endpoint(random_endpoint_flags(dice));
        if (!wanted.absent && dice.coin()) {
            const std::uint32_t which = dice.below(static_cast<std::uint32_t>(pins.size()));
            wanted.id = EndpointId{static_cast<std::uint8_t>(pins[which])};
            pins.erase(pins.begin() + which);
        }
        world.desired.endpoints[key(at)] = wanted;
    }
}

inline Connection connection_from(const std::string& local, const std::string& remote) {
    Connection connection;
    connection.token = 1;
    connection.state = SocketState::established;
    connection.subflows = {established_subflow(local + ":40000", remote + ":80")};
    return connection;
}

/// Some of the host's addresses carry connections.
inline std::vector<Connection> random_connections(Dice& dice) {
    std::vector<Connection> result;
    for (std::uint32_t i = dice.below(4); i > 0; --i) {
        const std::string number = std::to_string(dice.below(5));
        result.push_back(connection_from((dice.coin() ? "192.0.2." : "10.0.0.") + number, "203.0.113.9"));
    }
    return result;
}

/// Any of the sections may be empty.
inline void randomize_declaration(World& world, Dice& dice) {
    world.desired = {};
    randomize_sysctls_and_limits(world, dice);
    for (std::uint32_t i = dice.below(3); i > 0; --i) {
        world.desired.profiles.push_back(
            rule(dice.coin() ? "*" : "p" + std::to_string(1 + dice.below(3)), random_mptcp_flags(dice)));
        const std::uint32_t activation = dice.below(6);
        world.desired.profiles.back().activation = activation == 0   ? Activation::reapply
                                                   : activation == 1 ? Activation::defer
                                                                     : Activation::automatic;
    }
    randomize_endpoints(world, dice);
}

} // namespace keeper::test
