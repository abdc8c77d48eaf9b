// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/declared_sections.hpp"

// A profile is activated in steps; its addresses and NetworkManager's endpoints appear before the last one.

namespace keeper::test {
namespace {

constexpr const char* new_address = "2001:db8:1::1";

/// A connection over eth0 that could have a subflow from eth1.
Connection connection_over_eth0() {
    Connection connection;
    connection.token = 1;
    connection.state = SocketState::established;
    connection.subflows = {established_subflow("[2001:db8::1]:40000", "[2001:db8:9::9]:80")};
    return connection;
}

/// Profile lan is declared and inactive, and a connection exists over eth0.
struct Activating : DeclaredWorld {
    Activating() : DeclaredWorld(all_sections) {
        desired.reconcile.interval.value = 1h; // no poll
        links.present = {link(2, "eth0", {"192.0.2.1", "2001:db8::1"}), link(3, "eth1", {})};
        network_manager.state.profiles = {
            active_profile("wan", links.present[0], {}), active_profile("lan", links.present[1], wanted)};
        network_manager.state.profiles[1].activations.clear();
        network_manager.activate_all();
        desired.profiles = {rule("*", wanted)};
        settle();
        connections.present = {connection_over_eth0()};
    }
    void begin() {
        network_manager.state.unsettled = network_manager.state.activating = {Ifindex{3}};
        network_manager.announce_device(Ifindex{3});
        network_manager.announce("uuid-lan");
        events.pending.add(Event::other_profiles_changed); // it was not in use
    }
    /// NetworkManager adds its endpoint at once.
    void add_tentative_address() {
        links.present[1] = link(3, "eth1", {new_address});
        links.present[1].addresses[0].tentative = true;
        path_manager.table.push_back(endpoint(new_address, to_endpoint_flags(wanted), 3, 40));
        link_changed({Ifindex{3}, "", address(new_address)});
    }
    void begin_with_tentative_address() {
        begin();
        run_for(100ms);
        add_tentative_address();
        run_for(100ms);
    }
    void make_address_usable() {
        links.present[1].addresses[0].tentative = false;
        link_changed({Ifindex{3}, "", address(new_address)});
    }
    void complete() {
        network_manager.state.unsettled = network_manager.state.activating = {};
        network_manager.state.profiles[1].activations = {{"eth1", Ifindex{3}, wanted, false}};
        network_manager.announce_device(Ifindex{3});
        network_manager.announce("uuid-lan");
        events.pending.add(Event::profiles_changed);
    }
    /// How often the endpoint was added again since the last call.
    [[nodiscard]] std::size_t additions() { return count_writes("add " + std::string(new_address)); }
};

TEST(Activation, AnEndpointThatCameBeforeItsAddressWasUsableIsAddedAgain) {
    for (const auto pause : {0ms, 10ms, 3000ms}) {
        SCOPED_TRACE(pause.count());
        Activating world;
        world.begin_with_tentative_address();
        world.make_address_usable();
        world.run_for(pause);
        world.complete();
        world.run_for(2s);
        EXPECT_EQ(world.additions(), 1U);
        world.happened(Event::links_changed);
        world.run_for(2s);
        EXPECT_EQ(world.additions(), 0U) << "once";
    }
}

TEST(Activation, SuchAnEndpointIsAlsoAddedAgainIfNetworkManagerWasFrozen) {
    Activating world;
    world.begin_with_tentative_address();
    world.complete();
    world.run_for(100ms);
    world.events.frozen = true;
    world.make_address_usable();
    world.run_for(2s);
    EXPECT_EQ(world.additions(), 0U);
    world.events.frozen = false;
    world.run_for(2s);
    EXPECT_EQ(world.additions(), 1U);
}

TEST(Activation, OnADeviceWhoseProfileIsKnownItIsAddedAgainOnce) {
    Activating world;
    world.begin_with_tentative_address();
    world.complete();
    world.network_manager.state.unsettled = {Ifindex{3}}; // for example because something else is unread
    for (int i = 0; i < 3; ++i) {
        world.make_address_usable();
        world.run_for(2s);
    }
    EXPECT_EQ(world.additions(), 1U);
}

TEST(Activation, ADeclaredEndpointIsAddedAgainOnceDuringAnActivation) {
    Activating world;
    world.desired.endpoints[key(new_address)] = desired_endpoint({f_signal, f_subflow});
    world.connections.present.clear();
    world.settle();
    world.connections.present = {connection_over_eth0()};
    world.begin_with_tentative_address();
    for (int i = 0; i < 3; ++i) {
        world.make_address_usable();
        world.run_for(2s);
    }
    EXPECT_EQ(world.additions(), 1U);
}

TEST(Activation, ItsAddressesLeadToRoundsFromItsStartOn) {
    Activating world;
    world.begin();
    world.run_for(100ms);
    for (const auto& step :
         {std::mem_fn(&Activating::add_tentative_address), std::mem_fn(&Activating::make_address_usable)}) {
        const int reads = world.links.reads;
        step(world);
        world.run_for(1s);
        EXPECT_EQ(world.links.reads, reads + 1);
    }
}

} // namespace
} // namespace keeper::test
