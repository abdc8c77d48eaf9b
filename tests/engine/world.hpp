// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/fake_connections.hpp"
#include "fakes/fake_network_manager.hpp"
#include "fakes/fake_program_hook.hpp"
#include "fakes/fake_state.hpp"
#include "fakes/fake_units.hpp"
#include "support/values.hpp"

namespace keeper::test {

/// What reset must restore. Ids are left out: the kernel gives NetworkManager's endpoints new ones.
struct Snapshot {
    std::map<std::string, std::string> sysctls;
    Limits limits;
    std::map<std::string, std::uint32_t> stored_flags;
    std::map<std::string, std::uint32_t> live_flags;
    std::set<std::tuple<std::string, std::uint32_t, std::int32_t>> endpoints;
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
    /// For a failing test's message.
    friend void PrintTo(const Snapshot& snapshot, std::ostream* out) {
        *out << "sysctls " << ::testing::PrintToString(snapshot.sysctls) << " limits "
             << snapshot.limits.subflows << " " << snapshot.limits.add_addr_accepted << " stored "
             << ::testing::PrintToString(snapshot.stored_flags) << " live "
             << ::testing::PrintToString(snapshot.live_flags) << " endpoints "
             << ::testing::PrintToString(snapshot.endpoints);
    }
};

/// A whole host of fakes with an engine on it.
struct World {
    fake::FakeSysctls sysctls;
    fake::FakePathManager path_manager;
    fake::FakeLinks links;
    fake::FakeConnections connections;
    fake::FakeNetworkManager network_manager{path_manager, links, sysctls};
    fake::FakeUnits units;
    fake::FakeProgramHook program_hook;
    fake::FakeState state;
    fake::FakeClock clock;
    DesiredState desired;
    ApplyOptions options;
    std::string kernel_release = "6.18.0-test";

    World() {
        network_manager.state.version = "1.42.4";
        network_manager.clock = &clock;
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] Engine engine() { return Engine(ports()); }
    [[nodiscard]] Ports ports() {
        return {
            .sysctls = sysctls,
            .path_manager = path_manager,
            .links = links,
            .connections = connections,
            .profiles = network_manager,
            .units = units,
            .program_hook = program_hook,
            .state = state,
            .clock = clock,
            .kernel_release = kernel_release};
    }
    [[nodiscard]] ApplyReport apply() {
        auto report = engine().apply(desired, options);
        if (!report) {
            ADD_FAILURE() << "apply: " << report.error().message;
            return {};
        }
        return *report;
    }
    [[nodiscard]] ApplyReport reset() {
        auto report = engine().reset();
        if (!report) {
            ADD_FAILURE() << "reset: " << report.error().message;
            return {};
        }
        return *report;
    }

    /// Everything that was written since the last call, including saves of the record.
    [[nodiscard]] std::vector<std::string> take_writes() {
        std::vector<std::string> all;
        for (fake::FailureInjection* part : parts()) {
            all.insert(all.end(), part->writes().begin(), part->writes().end());
            part->forget_writes();
        }
        return all;
    }
    /// Sets the same hook on every fake, so that it sees all writes in order.
    void on_every_write(const std::function<std::optional<Error>(std::string_view)>& hook) {
        for (fake::FailureInjection* part : parts()) {
            part->before_write = hook;
        }
    }

    [[nodiscard]] Snapshot snapshot() const {
        Snapshot result;
        result.sysctls = sysctls.values;
        result.limits = path_manager.current_limits;
        for (const Profile& profile : network_manager.state.profiles) {
            result.stored_flags[profile.uuid] = profile.stored.raw();
            for (const ProfileActivation& activation : profile.activations) {
                result.live_flags[activation.interface] = activation.live.raw();
            }
        }
        for (const Endpoint& endpoint : path_manager.table) {
            if (!endpoint.is_implicit()) {
                result.endpoints.emplace(
                    to_string(endpoint.key), endpoint.flags.raw(), endpoint.ifindex.value);
            }
        }
        return result;
    }
    [[nodiscard]] const Endpoint* find(const std::string& at) const {
        for (const Endpoint& endpoint : path_manager.table) {
            if (endpoint.key == key(at)) {
                return &endpoint;
            }
        }
        return nullptr;
    }

  private:
    [[nodiscard]] std::vector<fake::FailureInjection*> parts() {
        return {&sysctls, &path_manager, &network_manager, &units, &program_hook, &state};
    }
};

/// "endpoint 198.51.100.1 applied" and so on, for whole-value comparison.
inline std::vector<std::string> outcomes(const ApplyReport& report) {
    std::vector<std::string> result;
    for (const AppliedChange& change : report.changes) {
        result.push_back(
            std::string(to_string(change.change.resource)) + " " + change.change.key + " " +
            std::string(to_string(change.outcome)));
    }
    return result;
}

/// All texts of a report, for a failing test's message.
inline std::string explain(const ApplyReport& report) {
    std::string text = "changed " + std::to_string(report.changed) + " failed " +
                       std::to_string(report.failed) + " verified " + std::to_string(report.verified) + "\n";
    for (const AppliedChange& change : report.changes) {
        text += std::string(to_string(change.change.resource)) + " " + change.change.key + " " +
                std::string(to_string(change.outcome)) + " [" + change.change.note + "] " + change.error +
                "\n";
    }
    for (const std::string& warning : report.warnings) {
        text += "warning: " + warning + "\n";
    }
    return text;
}

inline Declared<std::string> declared(const std::string& value) {
    return {value, {"test.yaml", 4, 1}};
}
inline Declared<std::uint32_t> declared(std::uint32_t value) {
    return {value, {"test.yaml", 5, 1}};
}

constexpr EndpointFlag f_signal = EndpointFlag::signal;
constexpr EndpointFlag f_subflow = EndpointFlag::subflow;
constexpr EndpointFlag f_backup = EndpointFlag::backup;

/// A host with something of every kind: two managed interfaces, the second on DHCP, a foreign interface,
/// foreign endpoints of which one is edited, one removed, one replaced and one left alone.
inline void furnish(World& world) {
    world.links.present = {
        link(2, "eth0", {"192.0.2.1"}), link(3, "eth1", {"198.51.100.1"}), link(4, "eth2", {"203.0.113.1"})};
    const MptcpFlags by_default;
    world.network_manager.state.profiles = {
        active_profile("dyn", world.links.present[1], by_default),
        active_profile("wan", world.links.present[0], by_default)};
    world.network_manager.state.profiles[0].activations[0].reapply_disturbs = true;
    world.path_manager.table = {
        endpoint("10.0.0.7", {f_subflow}, 0, 1),
        endpoint("10.0.0.8", {f_signal}, 0, 2),
        endpoint("10.0.0.9", {f_signal}, 0, 3),
        endpoint("203.0.113.1", {f_subflow}, 4, 4)};
    world.network_manager.activate_all();
    DesiredState& desired = world.desired;
    desired.sysctls = {{"add_addr_timeout", declared("30")}, {"checksum_enabled", declared("1")}};
    desired.subflows = declared(4U);
    desired.add_addr_accepted = declared(3U);
    desired.profiles = {
        rule("*", MptcpFlags{MptcpFlag::signal, MptcpFlag::subflow, MptcpFlag::also_without_default_route})};
    desired.endpoints[key("10.0.0.8")] = absent_endpoint();
    desired.endpoints[key("10.0.0.9")] = desired_endpoint({f_signal, f_backup});
    desired.endpoints[key("203.0.113.1")] = desired_endpoint({f_signal});
    desired.endpoints[key("192.0.2.200")] = desired_endpoint({f_signal});
}

} // namespace keeper::test
