// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/random_world.hpp"

/// What could not be read is unknown, not absent.
namespace keeper::test {
namespace {

const Error unreadable{ErrorKind::failed, "cannot read it: Device or resource busy"};
const Error not_running{ErrorKind::unavailable, "NetworkManager is not running"};

struct Input {
    const char* name;
    std::function<void(World&, bool)> set_failing;
};

const std::vector<Input>& inputs() {
    const auto set = [](std::optional<Error>& failure, bool failing) {
        failure = failing ? std::optional(unreadable) : std::nullopt;
    };
    static const std::vector<Input> all{
        {"sysctls", [=](World& world, bool failing) { set(world.sysctls.failure, failing); }},
        {"limits", [=](World& world, bool failing) { set(world.path_manager.limits_failure, failing); }},
        {"endpoints",
         [=](World& world, bool failing) { set(world.path_manager.endpoints_failure, failing); }},
        {"links", [=](World& world, bool failing) { set(world.links.failure, failing); }},
        {"connections", [=](World& world, bool failing) { set(world.connections.failure, failing); }},
        {"NetworkManager", [=](World& world, bool failing) { set(world.network_manager.failure, failing); }},
        {"NetworkManager's start",
         [](World& world, bool failing) {
             // What an activation in progress hides from NetworkManager.
             for (Profile& profile : world.network_manager.state.profiles) {
                 auto& activations = profile.activations;
                 if (failing && !activations.empty()) {
                     world.network_manager.state.unsettled.push_back(activations.front().ifindex);
                     activations.clear();
                 }
             }
         }},
    };
    return all;
}

/// The removals of a plan: removals, replacements, and reapplies, which remove in NetworkManager.
std::set<std::string> losses(const Plan& plan) {
    std::set<std::string> result;
    const auto add = [&](const EndpointAction& action) {
        if (const auto* removed = std::get_if<RemoveEndpoint>(&action)) {
            result.insert(to_string(removed->endpoint.key));
        } else if (const auto* replaced = std::get_if<ReplaceEndpoint>(&action)) {
            result.insert(to_string(replaced->from.key));
        }
    };
    for (const Change& change : plan.changes) {
        if (const auto action = endpoint_action(change)) {
            add(*action);
        }
        if (const auto* profile = std::get_if<ChangeProfile>(&change.action)) {
            for (const LiveDevice& device : profile->devices) {
                std::for_each(device.endpoints.begin(), device.endpoints.end(), add);
                if (device.reapply) {
                    result.insert("reapply " + device.interface);
                }
            }
        }
    }
    return result;
}

Plan plan_of(World& world, const Scope& scope) {
    Observation found = world.engine().observe(scope).value();
    return world.engine().plan(world.desired, found, scope);
}

/// Endpoints that NetworkManager may regard as its own.
void disturb(World& world, Dice& dice) {
    for (Endpoint& one : world.path_manager.table) {
        if (dice.below(6) == 0) {
            one.flags = {f_signal};
        }
        if (dice.below(8) == 0) {
            one.ifindex = Ifindex{77};
        }
    }
    for (const char* at : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
        if (dice.below(3) == 0) {
            world.desired.endpoints[key(at)] =
                dice.coin() ? absent_endpoint() : desired_endpoint(random_endpoint_flags(dice));
        }
    }
}

TEST(Unknown, NothingIsRemovedThatWouldStayIfItWereKnown) {
    std::size_t compared = 0;
    for (std::uint32_t seed = 0; seed < 300 && !::testing::Test::HasFailure(); ++seed) {
        for (std::size_t one = 0; one < inputs().size(); ++one) {
            for (std::size_t other = one; other < inputs().size(); ++other) {
                SCOPED_TRACE(
                    "seed " + std::to_string(seed) + " " + inputs()[one].name + " " + inputs()[other].name);
                World world;
                Dice dice(seed);
                randomize_host(world, dice);
                randomize_declaration(world, dice);
                static_cast<void>(world.apply());
                randomize_declaration(world, dice);
                disturb(world, dice);
                Scope scope;
                scope.boot = dice.below(5) == 0;
                scope.without_network_manager = dice.below(5) == 0;
                const std::set<std::string> known = losses(plan_of(world, Scope{}));
                inputs()[one].set_failing(world, true);
                inputs()[other].set_failing(world, true);
                const std::set<std::string> partial = losses(plan_of(world, scope));
                EXPECT_TRUE(std::includes(known.begin(), known.end(), partial.begin(), partial.end()))
                    << ::testing::PrintToString(known) << " " << ::testing::PrintToString(partial);
                compared += partial.size();
            }
        }
    }
    EXPECT_GT(compared, 300U) << "what does not depend on the missing part is still planned";
}

TEST(Unknown, AnApplyWithoutItIsCompletedOnceItIsKnownAgain) {
    for (std::uint32_t seed = 0; seed < 60 && !::testing::Test::HasFailure(); ++seed) {
        for (std::size_t one = 0; one < 6; ++one) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " " + inputs()[one].name);
            World blind;
            World seeing;
            for (World* world : {&blind, &seeing}) {
                Dice dice(seed);
                randomize_host(*world, dice);
                randomize_declaration(*world, dice);
            }
            inputs()[one].set_failing(blind, true);
            static_cast<void>(blind.apply());
            inputs()[one].set_failing(blind, false);
            const ApplyReport report = blind.apply();
            const ApplyReport at_once = seeing.apply();
            EXPECT_EQ(report.verified, at_once.verified) << explain(report) << explain(at_once);
            EXPECT_EQ(blind.snapshot().stored_flags, seeing.snapshot().stored_flags);
            EXPECT_EQ(blind.snapshot().sysctls, seeing.snapshot().sysctls);
        }
    }
}

/// A host whose NetworkManager created an endpoint for eth0, with everything declared that could affect it.
struct NetworkManagersEndpoint : World {
    NetworkManagersEndpoint() {
        links.present = {link(2, "eth0", {"192.0.2.1"})};
        network_manager.state.profiles = {active_profile("lan", links.present[0], {MptcpFlag::subflow})};
        network_manager.activate_all();
    }
};

TEST(Unknown, AnEndpointThatMayBeNetworkManagersStaysWhileItDoesNotRun) {
    for (const bool is_on_record : {false, true}) {
        for (int declaration = 0; declaration < 3; ++declaration) {
            NetworkManagersEndpoint world;
            const std::vector<Endpoint> before = world.path_manager.table;
            ASSERT_EQ(before.size(), 1U);
            if (is_on_record) {
                world.state.saved.endpoints[key("192.0.2.1")] = {{f_subflow}, "old.yaml:1"};
            }
            if (declaration > 0) {
                world.desired.endpoints[key("192.0.2.1")] =
                    declaration == 1 ? absent_endpoint() : desired_endpoint({f_signal});
            }
            world.network_manager.failure = not_running;
            const ApplyReport report = world.apply();
            EXPECT_EQ(world.path_manager.table, before) << explain(report);
            EXPECT_TRUE(report.verified) << explain(report);
            if (declaration > 0 || is_on_record) {
                EXPECT_NE(explain(report).find(not_running.message), std::string::npos) << explain(report);
            }
        }
    }
}

TEST(Unknown, AHostWhereNetworkManagerNeverRanHasNoneOfItsEndpoints) {
    NetworkManagersEndpoint world;
    world.network_manager.failure = not_running;
    world.network_manager.has_run = false;
    world.desired.endpoints[key("192.0.2.1")] = absent_endpoint();
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && report.changed) << explain(report);
    EXPECT_EQ(world.find("192.0.2.1"), nullptr);
}

TEST(Unknown, AnAddressThatAnotherProgramConfiguredIsNotNetworkManagers) {
    NetworkManagersEndpoint world;
    world.links.present[0].addresses[0].no_prefix_route = false;
    world.network_manager.failure = not_running;
    world.desired.endpoints[key("192.0.2.1")] = absent_endpoint();
    EXPECT_TRUE(world.apply().changed);
    EXPECT_EQ(world.find("192.0.2.1"), nullptr);
}

TEST(Unknown, AFailedDumpOfInterfacesChangesNothingThatDependsOnThem) {
    World world;
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.links.present[0].default_route_v4 = false;
    world.network_manager.state.profiles = {active_profile("lan", world.links.present[0], {})};
    world.network_manager.state.profiles[0].activations[0].reapply_disturbs = true;
    world.desired.profiles = {rule("lan", {MptcpFlag::signal, MptcpFlag::also_without_default_route})};
    ASSERT_TRUE(world.apply().verified);
    const std::vector<Endpoint> before = world.path_manager.table;
    world.links.failure = unreadable;
    const ApplyReport report = world.apply();
    EXPECT_EQ(world.path_manager.table, before);
    EXPECT_TRUE(report.failed && !report.changed) << explain(report);
    EXPECT_NE(explain(report).find(unreadable.message), std::string::npos) << explain(report);
    EXPECT_FALSE(world.state.saved.stand_ins.empty());
    world.links.failure.reset();
    EXPECT_TRUE(world.apply().verified);
}

TEST(Unknown, TheImpactOnUnknownConnectionsIsNotNone) {
    World world;
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 0, 1)};
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    world.connections.failure = unreadable;
    const Plan plan = plan_of(world, Scope{});
    ASSERT_EQ(plan.changes.size(), 1U);
    EXPECT_EQ(plan.changes[0].impact, Impact::connections_may_close);
    EXPECT_NE(plan.changes[0].note.find(unreadable.message), std::string::npos);
}

TEST(Unknown, AResetWithoutTheInterfacesBindsNoForeignEndpointElsewhere) {
    World world;
    world.links.present = {link(5, "eth5", {})};
    world.path_manager.table = {endpoint("10.0.0.1", {f_signal}, 5, 1)};
    world.desired.endpoints[key("10.0.0.1")] = absent_endpoint();
    ASSERT_TRUE(world.apply().changed);
    world.links.failure = unreadable;
    EXPECT_FALSE(world.engine().reset());
    EXPECT_TRUE(world.path_manager.table.empty());
    world.links.failure.reset();
    world.links.present[0].addresses = {link(5, "eth5", {"10.0.0.1"}).addresses[0]};
    EXPECT_TRUE(world.reset().verified);
    EXPECT_EQ(world.find("10.0.0.1")->ifindex, Ifindex{5});
}

} // namespace
} // namespace keeper::test
