// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/world.hpp"

namespace keeper::test {
namespace {

using Names = std::vector<std::string>;
const Error gone{ErrorKind::unavailable, "NetworkManager is not running"};
const MptcpFlags declared_flags{MptcpFlag::signal, MptcpFlag::subflow, MptcpFlag::also_without_default_route};

TEST(ApplyProfiles, WithoutNetworkManagerTheKernelPartIsDone) {
    World world;
    furnish(world);
    world.network_manager.failure = gone;
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.changed && report.failed && !report.verified);
    EXPECT_EQ(report.changes.back().change.key, "*");
    EXPECT_EQ(report.changes.back().error, gone.message);
    EXPECT_EQ(report.changes.size(), 9U) << explain(report);
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
    EXPECT_NE(world.find("192.0.2.200"), nullptr);
}

TEST(ApplyProfiles, ARestartOfNetworkManagerLeadsToASecondRound) {
    World world;
    furnish(world);
    world.network_manager.before_write = [&](std::string_view write) -> std::optional<Error> {
        if (write == "reapply eth0" && world.clock.time < std::chrono::milliseconds(1500)) {
            world.network_manager.failure = gone;
        }
        return std::nullopt;
    };
    world.clock.on_wait = [&] {
        if (world.clock.time >= std::chrono::milliseconds(1800)) {
            world.network_manager.failure.reset();
        }
    };
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && !report.failed && report.changed) << explain(report);
    EXPECT_EQ(world.network_manager.state.profiles[1].activations[0].live, declared_flags);
    const Names writes = world.take_writes();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "store uuid-wan"), 1);
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "reapply eth0"), 2);
}

TEST(ApplyProfiles, ANetworkManagerThatStaysAwayFailsWithinADeadline) {
    World world;
    furnish(world);
    world.network_manager.before_write = [&](std::string_view) -> std::optional<Error> {
        world.network_manager.failure = gone;
        return std::nullopt;
    };
    const auto start = world.clock.time;
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed && !report.verified);
    EXPECT_LE(world.clock.time - start, std::chrono::seconds(15));
    EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
}

/// Eight profiles with live connections and a declared backup flag: each is reapplied separately.
void furnish_eight_that_must_be_alone(World& world) {
    const MptcpFlags plain{MptcpFlag::subflow, MptcpFlag::also_without_default_route};
    for (int i = 1; i <= 8; ++i) {
        const std::string address = "192.0.2." + std::to_string(i);
        world.links.present.push_back(link(i + 1, "eth" + std::to_string(i), {address}));
        world.network_manager.state.profiles.push_back(
            active_profile("p" + std::to_string(i), world.links.present.back(), plain));
        Connection connection;
        connection.subflows = {established_subflow(address + ":5000", "203.0.113.5:80")};
        world.connections.present.push_back(connection);
    }
    world.network_manager.activate_all();
    world.desired.profiles = {rule("*", plain.with(MptcpFlag::backup))};
    world.desired.sysctls = {{"add_addr_timeout", declared("30")}};
}

TEST(ApplyProfiles, ANetworkManagerThatFreezesAtAnyMomentDelaysARoundByItsDeadlineAtMost) {
    World counted;
    furnish_eight_that_must_be_alone(counted);
    ASSERT_TRUE(counted.apply().verified);
    const std::size_t writes = counted.network_manager.writes().size();
    ASSERT_GE(writes, 16U) << "each is stored and reapplied";
    for (std::size_t nth = 0; nth <= writes; ++nth) {
        World world;
        furnish_eight_that_must_be_alone(world);
        world.network_manager.frozen = nth == 0;
        world.network_manager.before_write = [&,
                                              left = nth](std::string_view) mutable -> std::optional<Error> {
            world.network_manager.frozen = world.network_manager.frozen || (left > 0 && --left == 0);
            return std::nullopt;
        };
        const auto start = world.clock.time;
        const ApplyReport report = world.apply();
        EXPECT_LE(world.clock.time - start, profile_round_time) << "frozen at write " << nth;
        EXPECT_TRUE(report.failed) << "frozen at write " << nth;
        EXPECT_EQ(world.sysctls.values.at("add_addr_timeout"), "30");
        world.network_manager.frozen = false;
        world.network_manager.before_write = nullptr;
        EXPECT_TRUE(world.apply().verified) << "frozen at write " << nth;
    }
}

TEST(ApplyProfiles, AFrozenNetworkManagerDoesNotKeepAtomicFromEnding) {
    World world;
    furnish_eight_that_must_be_alone(world);
    world.options.atomic = true;
    world.network_manager.before_write = [&](std::string_view write) -> std::optional<Error> {
        world.network_manager.frozen = world.network_manager.frozen || write.starts_with("reapply");
        return std::nullopt;
    };
    const auto start = world.clock.time;
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed);
    EXPECT_LE(world.clock.time - start, profile_round_time);
}

TEST(ApplyProfiles, ALoosenedReversePathFilterIsNamedInPlanAndReport) {
    World world;
    const MptcpFlags off{MptcpFlag::disabled};
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.links.rp_filter = {{"eth0", 1}};
    world.network_manager.state.profiles = {active_profile("wan", world.links.present[0], off)};
    world.network_manager.activate_all();
    world.desired.profiles = {rule("wan", declared_flags)};
    const auto names_it = [](const std::vector<std::string>& warnings) {
        return std::count_if(warnings.begin(), warnings.end(), [](const std::string& warning) {
            return warning.find("net.ipv4.conf.eth0.rp_filter from 1 to 2") != std::string::npos;
        });
    };
    auto found = world.engine().observe({});
    ASSERT_TRUE(found);
    EXPECT_EQ(names_it(world.engine().plan(world.desired, *found, {}).warnings), 1);
    world.network_manager.before_write = [&](std::string_view write) -> std::optional<Error> {
        if (write.starts_with("reapply")) {
            world.links.rp_filter["eth0"] = 2;
        }
        return std::nullopt;
    };
    EXPECT_EQ(names_it(world.apply().warnings), 1) << "even if there is nothing to do";
    EXPECT_EQ(names_it(world.apply().warnings), 0);
}

TEST(ApplyProfiles, OneProfileThatFailsDoesNotStopTheOthers) {
    World world;
    furnish(world);
    world.network_manager.fail_write_of("store uuid-wan", {ErrorKind::not_permitted, "polkit says no"});
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.failed);
    EXPECT_EQ(world.network_manager.state.profiles[0].stored, declared_flags);
    const Names writes = world.take_writes();
    EXPECT_EQ(std::count(writes.begin(), writes.end(), "reapply eth0"), 0) << "its store failed";
}

TEST(ApplyProfiles, EnablingMptcpMakesNetworkManagerCheckItAgain) {
    World world;
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    world.sysctls.values["enabled"] = "0";
    world.network_manager.state.profiles = {active_profile("wan", world.links.present[0], declared_flags)};
    world.network_manager.activate_all();
    ASSERT_EQ(world.find("192.0.2.1"), nullptr);
    world.desired.sysctls["enabled"] = declared("1");
    world.desired.profiles = {rule("wan", declared_flags)};
    EXPECT_TRUE(world.apply().verified);
    EXPECT_NE(world.find("192.0.2.1"), nullptr);
    world.network_manager.sync();
    EXPECT_NE(world.find("192.0.2.1"), nullptr) << "NetworkManager itself wants it now";
    static_cast<void>(world.take_writes());
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(ApplyProfiles, FlushedEndpointsComeBackWithoutAReapply) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    static_cast<void>(world.take_writes());
    std::erase_if(world.path_manager.table, [](const Endpoint& one) { return one.key == key("192.0.2.1"); });
    EXPECT_TRUE(world.apply().verified);
    Names writes = world.take_writes();
    std::erase(writes, "save");
    EXPECT_EQ(writes, Names{"add 192.0.2.1"});
    EXPECT_EQ(world.state.saved.endpoints.count(key("192.0.2.1")), 0U) << "it counts as NetworkManager's";
    static_cast<void>(world.apply());
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(ApplyProfiles, BackupOfALiveConnectionIsSetBeforeTheReapply) {
    World world;
    furnish(world);
    world.network_manager.state.profiles.erase(world.network_manager.state.profiles.begin());
    static_cast<void>(world.apply());
    static_cast<void>(world.take_writes());
    Connection connection;
    connection.subflows = {established_subflow("192.0.2.1:5000", "192.0.2.77:80")};
    world.connections.present = {connection};
    world.desired.profiles = {rule("*", declared_flags), rule("wan", declared_flags.with(MptcpFlag::backup))};
    Names order;
    world.on_every_write([&](std::string_view write) -> std::optional<Error> {
        order.emplace_back(write);
        return std::nullopt;
    });
    const std::uint8_t id = world.find("192.0.2.1")->id.value;
    EXPECT_TRUE(world.apply().verified);
    std::erase(order, "save");
    EXPECT_EQ(order, (Names{"store uuid-wan", "set-flags 192.0.2.1", "reapply eth0"}));
    EXPECT_EQ(world.find("192.0.2.1")->id.value, id) << "the reapply found it correct and kept it";
}

TEST(ApplyProfiles, TwentyProfilesOnATableOfEightConverge) {
    World world;
    for (int i = 1; i <= 20; ++i) {
        world.links.present.push_back(
            link(i + 1, "eth" + std::to_string(i), {"198.51.100." + std::to_string(i)}));
        world.network_manager.state.profiles.push_back(
            active_profile("p" + std::to_string(i), world.links.present.back(), {}));
    }
    world.network_manager.activate_all();
    world.desired.profiles = {rule("*", declared_flags)};
    const ApplyReport first = world.apply();
    EXPECT_TRUE(first.verified && !first.failed) << explain(first);
    EXPECT_EQ(world.path_manager.table.size(), 8U);
    EXPECT_TRUE(std::any_of(first.warnings.begin(), first.warnings.end(), [](const std::string& warning) {
        return warning.find("left out") != std::string::npos;
    }));
    const Names writes = world.take_writes();
    EXPECT_EQ(
        std::count_if(
            writes.begin(), writes.end(), [](const std::string& write) { return write.starts_with("add"); }),
        0)
        << "the keeper adds none on NetworkManager's behalf";
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(ApplyProfiles, OldEndpointsRestoredByAnotherDevicesActivationAreRepaired) {
    World world;
    furnish(world);
    static_cast<void>(world.apply());
    world.network_manager.sync();
    ASSERT_EQ(world.find("198.51.100.1")->flags, EndpointFlags{f_subflow})
        << "the DHCP device runs old flags";
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.find("198.51.100.1")->flags, (EndpointFlags{f_signal, f_subflow}));
    EXPECT_EQ(world.state.saved.profiles.at("uuid-dyn").flags, MptcpFlags{});
}

TEST(ApplyProfiles, LaminarThatAnOldKernelDropsIsNotDrift) {
    World world;
    world.kernel_release = "6.12.0";
    world.path_manager.known_flags = EndpointFlags::from_raw(31);
    world.network_manager.state.version = "1.56.0";
    world.links.present = {link(2, "eth0", {"192.0.2.1"})};
    const MptcpFlags flags{MptcpFlag::subflow, MptcpFlag::laminar};
    world.network_manager.state.profiles = {active_profile("wan", world.links.present[0], flags)};
    world.network_manager.activate_all();
    world.desired.profiles = {rule("wan", flags)};
    EXPECT_TRUE(world.apply().verified);
    EXPECT_EQ(world.take_writes(), Names{});
}

TEST(ApplyProfiles, AnEntryWithLaminarLeavesItToANetworkManagerThatDoesNotKnowIt) {
    World world;
    world.kernel_release = "6.18.0-test";
    world.path_manager.known_flags = EndpointFlags::from_raw(63);
    const Link device = link(2, "eth0", {"192.0.2.1"});
    world.links.present = {device};
    world.network_manager.state.version = "1.42.4";
    world.network_manager.state.profiles = {active_profile("wan", device, {MptcpFlag::subflow})};
    world.sysctls.values["enabled"] = "1";
    world.network_manager.activate_all();
    world.desired = {};
    world.desired.profiles = {rule("wan", {MptcpFlag::subflow})};
    world.desired.endpoints[key("192.0.2.1")] =
        desired_endpoint({EndpointFlag::subflow, EndpointFlag::laminar});
    const ApplyReport report = world.apply();
    EXPECT_TRUE(report.verified && !report.failed) << explain(report);
    EXPECT_EQ(world.take_writes(), Names{}) << "the rule and the entry would overwrite each other";
}

} // namespace
} // namespace keeper::test
