// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "model/config_source.hpp"
#include "plan/plan.hpp"
#include "support/dice.hpp"
#include "support/values.hpp"

/// Hosts as a fleet has them: a base file for all, a file for the group, and one for the host itself; and the
/// state of each host, which differs from what is declared in a few items. The number of the host decides
/// everything. What is declared and what differs is computed here, and not by the code under test.
namespace keeper::test {

/// An item that differs, as the plan should name it.
struct ExpectedChange {
    Resource resource = Resource::sysctl;
    std::string key;
    Value before;
    Value after;
    friend bool operator==(const ExpectedChange&, const ExpectedChange&) = default;
};

struct FleetHost {
    std::string name;
    std::vector<ConfigSource> files; ///< in the order in which the keeper reads them
    ObservedState observed;
    std::vector<ExpectedChange> drift;
};

inline constexpr std::array<const char*, 4> fleet_groups{"web", "edge", "storage", "desk"};

inline std::string fleet_base_file() {
    return R"(# What all hosts have in common.
version: 1
sysctl:
  enabled: true
  add_addr_timeout: 60
  stale_loss_cnt: 4
  allow_join_initial_addr_port: true
limits:
  subflows: 2
  add_addr_accepted: 2
profiles:
  - match: {name: "wan*"}                  # the ways out
    mptcp-flags: [signal, subflow, also-without-default-route]
  - match: {type: wifi}
    except: {name: ["guest*", "vpn*"]}
    mptcp-flags: [subflow, backup]
  - match: {name: [mgmt, "vpn*"]}          # never for the management network
    mptcp-flags: disabled
endpoints:
  - address: 203.0.113.250                 # not since the move of the data centre
    state: absent
reconcile:
  mode: enforce
  interval: 1s
)";
}

inline std::string fleet_group_file(std::size_t group) {
    return fmt::format(
        R"(# Hosts of the group {0}.
sysctl:
  add_addr_timeout: {1}
  checksum_enabled: {2}
limits:
  subflows: {3}
  add_addr_accepted: {3}
profiles:
  - match: {{interface: "eth1*"}}
    except: {{type: [bridge, bond]}}
    mptcp-flags: [signal, subflow, also-without-default-route]
    activation: auto
endpoints:
  - address: 203.0.113.{4}                 # the group's public address, behind NAT
    flags: [signal]
reconcile:
  interval: {5}s
)",
        fleet_groups[group],
        90 + 30 * group,
        group % 2 == 0 ? "true" : "false",
        3 + group,
        1 + group,
        2 + group);
}

/// What a host declares and how it is, both made from its number.
class FleetHostMaker {
  public:
    explicit FleetHostMaker(std::uint32_t number)
        : number_(number), group_(number % fleet_groups.size()), dice_(number), subflows_(3 + number % 4) {
        own_subflows_ = dice_.coin() ? 8 : 0;
        data_addresses_ = 1 + dice_.below(3);
    }

    [[nodiscard]] FleetHost make() && {
        host_.name = fmt::format("{}-{:04}", fleet_groups[group_], number_);
        host_.files = {
            {.file = "/usr/lib/mptcp-keeper/conf.d/10-base.yaml", .text = fleet_base_file()},
            {.file = "/etc/mptcp-keeper/conf.d/50-group.yaml", .text = fleet_group_file(group_)},
            {.file = "/etc/mptcp-keeper/conf.d/90-host.yaml", .text = host_file()}};
        record_kernel();
        record_links();
        record_connections();
        return std::move(host_);
    }

  private:
    [[nodiscard]] std::string data_address(std::uint32_t index) const {
        return fmt::format("10.{}.{}.{}", 100 + number_ / 250, number_ % 250, 10 + index);
    }

    [[nodiscard]] std::string host_file() const {
        std::string text = fmt::format("# Only {}.\nsysctl:\n  checksum_enabled: null\n", host_.name);
        if (own_subflows_ != 0) {
            text += fmt::format("limits: {{subflows: {}}}\n", own_subflows_);
        }
        text += "endpoints:\n";
        for (std::uint32_t index = 0; index < data_addresses_; ++index) {
            text += fmt::format(
                "  - address: {}\n    interface: data0\n    flags: [subflow, fullmesh]\n    id: {}\n",
                data_address(index),
                101 + index);
        }
        return text + "profiles:\n  - {match: {name: wan1}, mptcp-flags: subflow}\n";
    }

    /// One value in eight has drifted.
    bool has_drifted() { return dice_.below(8) == 0; }
    void expect(Resource resource, const std::string& key, Value before, Value after) {
        host_.drift.push_back({resource, key, std::move(before), std::move(after)});
    }

    void record_kernel() {
        ObservedState& state = host_.observed;
        state.kernel_release = "6.12.48";
        state.mptcp_supported = true;
        std::map<std::string, std::string> sysctls{
            {"add_addr_timeout", std::to_string(90 + 30 * group_)},
            {"allow_join_initial_addr_port", "1"},
            {"stale_loss_cnt", "4"}};
        for (auto& [name, value] : sysctls) {
            if (has_drifted()) {
                expect(Resource::sysctl, "net.mptcp." + name, Value(std::string("0")), Value(value));
                value = "0";
            }
        }
        sysctls["enabled"] = "1"; // without it NetworkManager would have made no endpoints
        sysctls["checksum_enabled"] = "0";
        sysctls["scheduler"] = "default";
        state.sysctls = std::move(sysctls);

        Limits limits{own_subflows_ != 0 ? own_subflows_ : subflows_, subflows_};
        if (has_drifted()) {
            expect(Resource::limit, "subflows", Value(std::uint32_t{2}), Value(limits.subflows));
            limits.subflows = 2;
        }
        if (has_drifted()) {
            expect(
                Resource::limit,
                "add_addr_accepted",
                Value(std::uint32_t{0}),
                Value(limits.add_addr_accepted));
            limits.add_addr_accepted = 0;
        }
        state.limits = limits;
    }

    /// wan0, wan1, mgmt and eth10 are NetworkManager's, with the endpoints that it makes of their flags;
    /// data0 is not.
    void record_links() {
        const MptcpFlags both{MptcpFlag::also_without_default_route, MptcpFlag::signal, MptcpFlag::subflow};
        ObservedState& state = host_.observed;
        NetworkManagerState manager;
        manager.version = "1.52.0";
        state.links = std::vector<Link>{link(1, "lo", {})};
        state.endpoints = std::vector<Endpoint>{};
        add_profile("eth10", 4, both, manager);
        add_profile("mgmt", 5, {MptcpFlag::disabled}, manager);
        add_profile("wan0", 2, both, manager);
        add_profile("wan1", 3, {MptcpFlag::subflow}, manager);
        state.network_manager = std::move(manager);
        add_data_link();
        add_endpoint(endpoint(
            fmt::format("203.0.113.{}", 1 + group_),
            {EndpointFlag::signal},
            0,
            static_cast<int>(state.endpoints->size()) + 1));
        std::sort(state.links->begin(), state.links->end(), [](const Link& one, const Link& other) {
            return one.ifindex < other.ifindex;
        });
    }

    void add_profile(const std::string& name, int ifindex, MptcpFlags flags, NetworkManagerState& manager) {
        const std::string own = fmt::format("192.168.{}.{}", ifindex, 1 + number_ % 250);
        const Link device = link(ifindex, name, {own});
        Profile profile = active_profile(name, device, flags);
        profile.uuid = fmt::format("{:08}-0000-4000-8000-{:012}", number_, ifindex);
        if (makes_endpoints(flags)) {
            host_.observed.endpoints->push_back(endpoint(
                own,
                to_endpoint_flags(flags),
                ifindex,
                static_cast<int>(host_.observed.endpoints->size()) + 1));
        }
        if (has_drifted()) { // the file only; the device keeps its flags
            profile.stored = {MptcpFlag::subflow, MptcpFlag::backup};
            expect(Resource::profile, profile.uuid, Value(profile.stored), Value(flags));
        }
        manager.profiles.push_back(std::move(profile));
        host_.observed.links->push_back(device);
    }

    void add_data_link() {
        std::vector<std::string> addresses;
        for (std::uint32_t index = 0; index < data_addresses_; ++index) {
            addresses.push_back(data_address(index));
            add_endpoint(endpoint(
                addresses.back(),
                {EndpointFlag::subflow, EndpointFlag::fullmesh},
                6,
                static_cast<int>(101 + index)));
        }
        host_.observed.links->push_back(link(6, "data0", addresses));
    }

    /// Adds a declared endpoint, unless it is missing.
    void add_endpoint(const Endpoint& one) {
        if (!has_drifted()) {
            host_.observed.endpoints->push_back(one);
            return;
        }
        EndpointValue after{.interface = one.ifindex.value == 6 ? "data0" : "", .flags = one.flags, .id = {}};
        after.id = one.ifindex.value == 6 ? one.id : EndpointId{};
        expect(Resource::endpoint, to_string(one.key), Value(), Value(after));
    }

    void record_connections() {
        std::vector<Connection> connections(2 + dice_.below(4));
        for (Connection& one : connections) {
            one.token = dice_.below(1U << 31U);
            one.state = SocketState::established;
            one.subflows = {
                established_subflow(
                    fmt::format("192.168.2.{}:{}", 1 + number_ % 250, 40000 + dice_.below(20000)),
                    "198.51.100.7:443"),
                established_subflow(
                    fmt::format("192.168.3.{}:{}", 1 + number_ % 250, 40000 + dice_.below(20000)),
                    "198.51.100.7:443")};
            one.subflows[1].join = true;
        }
        host_.observed.connections = std::move(connections);
    }

    std::uint32_t number_;
    std::size_t group_;
    Dice dice_;
    std::uint32_t subflows_;
    std::uint32_t own_subflows_ = 0; ///< 0: the group's
    std::uint32_t data_addresses_ = 0;
    FleetHost host_;
};

inline FleetHost fleet_host(std::uint32_t number) {
    return FleetHostMaker(number).make();
}

/// Whether the plan consists of these changes; their order is the plan's own.
inline bool has_exactly(const Plan& plan, const std::vector<ExpectedChange>& expected) {
    std::vector<ExpectedChange> changes;
    for (const Change& change : plan.changes) {
        changes.push_back({change.resource, change.key, change.before, change.after});
    }
    return std::is_permutation(changes.begin(), changes.end(), expected.begin(), expected.end());
}

} // namespace keeper::test
