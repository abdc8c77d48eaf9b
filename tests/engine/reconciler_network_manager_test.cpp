// SPDX-License-Identifier: LGPL-2.1-or-later
#include <random>

#include "engine/declared_sections.hpp"

namespace keeper::test {
namespace {

using Lines = std::vector<std::string>;
const Error network_manager_gone{ErrorKind::unavailable, "NetworkManager is not running"};

using Furnished = DeclaredWorld;

/// Profiles are declared, with or without other sections.
class WithoutNetworkManager : public AnySections {};

INSTANTIATE_TEST_SUITE_P(
    Daemon,
    WithoutNetworkManager,
    testing::ValuesIn(subsets_with({DeclaredSection::profiles})),
    parameter_name);

TEST_P(WithoutNetworkManager, FrozenAtStartItsPartFollowsLater) {
    Furnished world(GetParam());
    world.events.frozen = true;
    world.load();
    for (const DeclaredSection section : {DeclaredSection::sysctl, DeclaredSection::limits}) {
        EXPECT_TRUE(!world.declares(section) || world.is_as_declared(section)) << "at once";
    }
    world.run_for(300ms);
    EXPECT_TRUE(world.is_kernel_as_declared());
    world.waits = 0;
    world.run_for(60s);
    EXPECT_LE(world.waits, 65) << "no busy loop";
    EXPECT_EQ(world.network_manager.snapshots, 0) << "a frozen one is not queried";
    EXPECT_EQ(world.events.pings, 1);
    EXPECT_EQ(world.reconciler.state().phase, Phase::waiting);
    world.events.frozen = false;
    world.run_for(1100ms);
    EXPECT_TRUE(world.is_as_declared(DeclaredSection::profiles));
    EXPECT_EQ(world.reconciler.state().repairs, 0U);
}

TEST_P(WithoutNetworkManager, FrozenLaterTheKernelPartIsStillRepaired) {
    Furnished world(GetParam());
    world.settle();
    world.events.frozen = true;
    world.network_manager.state.profiles[0].stored = {};
    world.happened(Event::profiles_changed);
    for (int i = 0; i < 2; ++i) {
        world.drift(DeclaredSection::sysctl);
        world.drift(DeclaredSection::limits);
        world.drift(DeclaredSection::endpoints);
        world.drift(DeclaredSection::program_hook);
        world.run_for(1ms);
        EXPECT_TRUE(!world.declares(DeclaredSection::sysctl) || world.is_as_declared(DeclaredSection::sysctl))
            << "at once";
        world.run_for(1s + 250ms);
        EXPECT_TRUE(world.is_kernel_as_declared());
    }
    world.waits = 0;
    world.run_for(60s);
    EXPECT_LE(world.waits, 65);
    EXPECT_FALSE(world.is_as_declared(DeclaredSection::profiles));
    world.events.frozen = false;
    world.run_for(1100ms);
    EXPECT_TRUE(world.is_as_declared(DeclaredSection::profiles));
}

TEST_P(WithoutNetworkManager, FrozenSinceTheStartKernelConflictsStillBackOff) {
    Furnished world(GetParam());
    world.events.frozen = true;
    world.load();
    world.run_for(3s);
    for (int second = 0; second < 60; ++second) {
        for (const DeclaredSection section :
             {DeclaredSection::sysctl,
              DeclaredSection::limits,
              DeclaredSection::endpoints,
              DeclaredSection::program_hook}) {
            world.drift(section);
        }
        world.run_for(1s);
    }
    EXPECT_EQ(world.reconciler.state().conflicts.size(), world.sections.size() - 1);
    EXPECT_GE(world.reconciler.state().repairs, 4 * (world.sections.size() - 1));
}

TEST_P(WithoutNetworkManager, EachOfItsAbsencesIsReportedOnce) {
    Furnished world(GetParam());
    world.settle();
    for (int time = 0; time < 2; ++time) {
        world.network_manager.failure = network_manager_gone;
        world.happened(Event::network_manager_changed);
        world.run_for(10min);
        const Lines lines = world.notices.take();
        EXPECT_EQ(std::count(lines.begin(), lines.end(), "failed *"), 1) << "absence " << time;
        world.network_manager.failure.reset();
        world.happened(Event::network_manager_changed);
        world.run_for(1s);
    }
}

TEST_P(WithoutNetworkManager, AbsentItIsQueriedRarelyAndItsPartFollowsWhenItStarts) {
    Furnished world(GetParam());
    world.network_manager.failure = network_manager_gone;
    world.load();
    world.run_for(300ms);
    EXPECT_TRUE(world.is_kernel_as_declared());
    world.run_for(10min);
    EXPECT_LE(world.network_manager.snapshots, 40) << "once a minute in the end";
    Lines lines = world.notices.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "failed *"), 1);
    world.network_manager.failure.reset();
    world.happened(Event::network_manager_changed);
    world.run_for(100ms);
    EXPECT_TRUE(world.is_as_declared(DeclaredSection::profiles));
}

TEST_P(WithoutNetworkManager, LostDuringARoundItDelaysNothing) {
    Furnished world(GetParam());
    world.network_manager.before_write = [&](std::string_view) -> std::optional<Error> {
        world.network_manager.failure = network_manager_gone;
        return std::nullopt;
    };
    const auto start = world.clock.time;
    world.load();
    world.run_for(10ms);
    EXPECT_LE(world.clock.time - start, 100ms) << "a round does not wait for it";
    EXPECT_TRUE(world.is_kernel_as_declared());
    world.network_manager.before_write = nullptr;
    world.network_manager.failure.reset();
    world.happened(Event::network_manager_changed);
    world.run_for(100ms);
    EXPECT_TRUE(world.is_as_declared(DeclaredSection::profiles));
}

TEST(ReconcilerWithoutNetworkManager, ItIsNotQueriedIfNothingConcernsIt) {
    for (const ReconcileMode mode : {ReconcileMode::enforce, ReconcileMode::report}) {
        ReconciledWorld world;
        world.desired.subflows = declared(4U);
        world.events.frozen = true;
        world.load(mode);
        for (const Event event : {Event::links_changed, Event::profiles_changed, Event::poked}) {
            world.happened(event);
            world.run_for(2s);
        }
        EXPECT_EQ(world.events.pings, 0);
        EXPECT_EQ(world.network_manager.snapshots, 0);
        EXPECT_EQ(world.reconciler.state().phase, Phase::idle);
    }
}

TEST(ReconcilerWithoutNetworkManager, RecordedItemsDoNotQueryAFrozenOneEither) {
    Furnished world(all_sections);
    world.settle();
    world.desired.endpoints.clear();
    world.desired.profiles.clear();
    world.events.frozen = true;
    world.load(ReconcileMode::enforce, Reconciler::Cause::reload);
    const int snapshots = world.network_manager.snapshots;
    world.run_for(5s);
    EXPECT_EQ(world.network_manager.snapshots, snapshots);
    world.events.frozen = false;
    world.run_for(1100ms);
    EXPECT_EQ(world.find("203.0.113.9"), nullptr);
}

TEST(ReconcilerWithNetworkManager, RestoresWhatItsSyncDeletesOnceAMinuteWithoutAConflict) {
    Furnished world(all_sections);
    world.desired.endpoints[key("192.0.2.200")] = desired_endpoint({f_signal});
    world.desired.endpoints[key("192.0.2.200")].interface = "eth0";
    world.links.present[0].addresses.push_back({address("192.0.2.200"), false, false, false});
    world.settle();
    ASSERT_NE(world.find("192.0.2.200"), nullptr);
    std::size_t added = 0;
    for (int i = 0; i < 300; ++i) {
        world.network_manager.sync();
        world.run_for(1s);
        added += world.count_writes("add 192.0.2.200");
    }
    EXPECT_GE(added, 4U);
    EXPECT_LE(added, 6U);
    EXPECT_TRUE(world.reconciler.state().conflicts.empty());
    world.run_for(61s);
    EXPECT_NE(world.find("192.0.2.200"), nullptr);
}

TEST(ReconcilerWithNetworkManager, AddsAnEndpointOnceItsAddressIsUsable) {
    Furnished world(all_sections);
    world.desired.endpoints[key("198.51.100.7")] = desired_endpoint({f_subflow});
    world.settle();
    EXPECT_EQ(world.find("198.51.100.7"), nullptr);
    Link late = link(5, "eth5", {"198.51.100.7"});
    late.addresses[0].tentative = true;
    world.links.present.push_back(late);
    world.happened(Event::links_changed);
    world.run_for(10ms);
    EXPECT_EQ(world.find("198.51.100.7"), nullptr) << "tentative";
    world.links.present.back().addresses[0].tentative = false;
    world.happened(Event::links_changed);
    world.run_for(10ms);
    EXPECT_NE(world.find("198.51.100.7"), nullptr);
}

/// A connection from eth0 that could have a subflow from another address.
Connection connection_from_eth0() {
    Connection connection;
    connection.token = 1;
    connection.state = SocketState::established;
    connection.subflows = {established_subflow("192.0.2.1:40000", "192.0.2.9:80")};
    return connection;
}

/// An endpoint that another program adds while its address is tentative; then the address becomes usable.
struct Premature : Furnished {
    explicit Premature(bool with_connection) : Furnished(all_sections) {
        desired.endpoints[key("198.51.100.7")] = desired_endpoint({f_subflow});
        links.present.push_back(link(5, "eth5", {"198.51.100.7"}));
        links.present.back().addresses[0].tentative = true;
        path_manager.table.push_back(endpoint("198.51.100.7", {f_subflow}, 0, 9));
        settle();
        if (with_connection) {
            connections.present = {connection_from_eth0()};
        }
        links.present.back().addresses[0].tentative = false;
        happened(Event::links_changed);
        run_for(10ms);
    }
    [[nodiscard]] std::size_t additions() { return count_writes("add 198.51.100.7"); }
};

TEST(ReconcilerWithNetworkManager, APrematureEndpointIsAddedAgainOnceForConnectionsThatLackIt) {
    Premature world(true);
    EXPECT_EQ(world.additions(), 1U);
    for (int i = 0; i < 5; ++i) {
        world.happened(Event::links_changed);
        world.run_for(2s);
    }
    EXPECT_EQ(world.additions(), 0U) << "once";
}

TEST(ReconcilerWithNetworkManager, APrematureEndpointIsLeftAloneIfNoConnectionLacksIt) {
    Premature world(false);
    EXPECT_EQ(world.additions(), 0U);
    // A later connection uses it.
    world.connections.present = {connection_from_eth0()};
    world.happened(Event::links_changed);
    world.run_for(2s);
    EXPECT_EQ(world.additions(), 0U);
}

using Random = std::function<unsigned(unsigned)>; ///< a number below the argument

/// One of all possible events.
void something_happens(Furnished& world, const Random& one_of) {
    switch (one_of(12)) {
    case 0:
        return world.write_sysctl("add_addr_timeout", std::to_string(31 + one_of(9)));
    case 1:
        world.path_manager.current_limits.subflows = one_of(9);
        return;
    case 2:
        return world.drift(DeclaredSection::endpoints);
    case 3:
        world.network_manager.state.profiles[0].stored = {};
        return world.happened(Event::profiles_changed);
    case 4:
        world.events.frozen = !world.events.frozen;
        return;
    case 5:
        world.network_manager.failure =
            world.network_manager.failure ? std::nullopt : std::optional(network_manager_gone);
        return world.happened(Event::network_manager_changed);
    case 6:
        world.lock.taken = !world.lock.taken;
        return;
    case 7:
        return world.happened(one_of(2) == 0 ? Event::links_changed : Event::poked);
    case 8:
        return world.load(ReconcileMode::enforce, Reconciler::Cause::reload);
    case 9:
        return world.network_manager.sync();
    case 10:
        return world.sysctls.fail_write(1 + one_of(3));
    default:
        return;
    }
}

void all_is_well_again(Furnished& world) {
    world.lock.taken = false;
    world.events.frozen = false;
    world.sysctls.before_write = nullptr;
    if (world.network_manager.failure) {
        world.network_manager.failure.reset();
        world.happened(Event::network_manager_changed);
    }
}

/// There is no negative time and no busy loop (run_for() checks both), and in the end the host is as
/// declared.
TEST(ReconcilerProperty, ConvergesAfterAnyEvents) {
    const std::vector<Sections> subsets = subsets_with();
    for (unsigned seed = 1; seed <= 60; ++seed) {
        const Sections& sections = subsets[seed % subsets.size()];
        SCOPED_TRACE("seed " + std::to_string(seed) + ", sections " + name_of(sections));
        std::mt19937 random(seed);
        const Random one_of = [&](unsigned number) { return static_cast<unsigned>(random() % number); };
        Furnished world(sections);
        world.load();
        for (int i = 0; i < 60; ++i) {
            something_happens(world, one_of);
            world.run_for(std::chrono::milliseconds(one_of(3000)));
        }
        all_is_well_again(world);
        world.run_for(11min); // the longest pause
        EXPECT_TRUE(world.is_as_declared());
        EXPECT_LE(world.most_in_a_row, 5);
        static_cast<void>(world.take_writes());
        world.run_for(1min);
        EXPECT_EQ(world.take_writes(), Lines{});
    }
}

} // namespace
} // namespace keeper::test
