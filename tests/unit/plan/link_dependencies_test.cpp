// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/link_dependencies.hpp"

#include <gtest/gtest.h>

#include "support/values.hpp"

namespace keeper::test {
namespace {

constexpr EndpointFlags by_signal{EndpointFlag::signal};

LinkChange change(int ifindex, const std::string& name = "", const std::string& at = "") {
    return {Ifindex{ifindex}, name, at.empty() ? std::nullopt : std::optional(address(at))};
}

struct Host {
    DesiredState desired;
    ObservedState observed;
    Ownership ownership;

    Host() {
        observed.links = std::vector<Link>{
            link(2, "eth0", {"192.0.2.1"}),
            link(3, "eth1", {"198.51.100.1"}),
            link(7, "veth0", {"172.17.0.1"})};
        observed.endpoints = std::vector<Endpoint>{};
    }
    [[nodiscard]] bool concerns(const LinkChange& one) const {
        return LinkDependencies(desired, observed, ownership).concern(one);
    }
};

TEST(LinkDependencies, NothingIsOfInterestWithoutItems) {
    const Host host;
    EXPECT_FALSE(host.concerns(change(2, "eth0")));
    EXPECT_FALSE(host.concerns(change(2, "", "192.0.2.1")));
    EXPECT_FALSE(host.concerns(change(0))) << "a default route, but NetworkManager has no device";
    EXPECT_FALSE(LinkDependencies().concern(change(2, "eth0", "192.0.2.1")));
}

TEST(LinkDependencies, ADeclaredEndpointsAddressAndTheLinkThatHasIt) {
    Host host;
    host.desired.endpoints[key("192.0.2.1")] = desired_endpoint(by_signal);
    host.desired.endpoints[key("203.0.113.1")] = absent_endpoint();
    EXPECT_TRUE(host.concerns(change(9, "", "192.0.2.1"))) << "on any link";
    EXPECT_TRUE(host.concerns(change(9, "", "203.0.113.1")));
    EXPECT_TRUE(host.concerns(change(2))) << "it has the address";
    EXPECT_FALSE(host.concerns(change(3)));
    EXPECT_FALSE(host.concerns(change(7, "veth0", "172.17.0.1")));
}

TEST(LinkDependencies, ADeclaredInterfaceByAnyOfItsNames) {
    Host host;
    host.desired.endpoints[key("10.0.0.1")] = desired_endpoint(by_signal);
    host.desired.endpoints[key("10.0.0.1")].interface = "uplink";
    (*host.observed.links)[1].alternative_names = {"uplink"};
    EXPECT_TRUE(host.concerns(change(9, "uplink"))) << "a new link";
    EXPECT_TRUE(host.concerns(change(3, "renamed"))) << "the link that has the name now";
    EXPECT_TRUE(host.concerns(change(3, "", "10.0.0.9")));
    EXPECT_FALSE(host.concerns(change(2, "eth0")));
}

TEST(LinkDependencies, TheAddressesOfTheRecord) {
    Host host;
    host.ownership.endpoints[key("192.0.2.1")] = {};
    host.ownership.stand_ins[key("10.0.0.2")] = {};
    host.ownership.displaced[key("10.0.0.3")] = {};
    EXPECT_TRUE(host.concerns(change(2)));
    EXPECT_TRUE(host.concerns(change(9, "", "10.0.0.2")));
    EXPECT_TRUE(host.concerns(change(9, "", "10.0.0.3")));
    EXPECT_FALSE(host.concerns(change(9, "", "10.0.0.4")));
}

TEST(LinkDependencies, TheEndpointsOfTheKernelAndTheirDevices) {
    Host host;
    host.observed.endpoints = std::vector<Endpoint>{
        endpoint("10.0.0.1", by_signal, 3, 1), endpoint("172.17.0.1", {EndpointFlag::implicit}, 0, 2)};
    EXPECT_TRUE(host.concerns(change(3)));
    EXPECT_TRUE(host.concerns(change(9, "", "10.0.0.1")));
    EXPECT_FALSE(host.concerns(change(7, "", "172.17.0.1"))) << "implicit ones come and go";
    EXPECT_FALSE(host.concerns(change(0, "", "10.0.0.9")));
}

TEST(LinkDependencies, DevicesOfProfilesThatRulesMayChange) {
    Host host;
    host.observed.network_manager.emplace();
    host.observed.network_manager->profiles = {
        active_profile("docker", (*host.observed.links)[2], {}),
        active_profile("wan", (*host.observed.links)[0], {})};
    host.observed.network_manager->profiles[0].skip_reason = "connected (externally)";
    EXPECT_TRUE(host.concerns(change(2)));
    EXPECT_TRUE(host.concerns(change(2, "", "10.0.0.9")));
    EXPECT_TRUE(host.concerns(change(0))) << "a default route without an interface";
    EXPECT_FALSE(host.concerns(change(7, "veth0")));
}

TEST(LinkDependencies, DevicesOnWhichAProfileIsBeingActivated) {
    Host host;
    host.observed.network_manager.emplace();
    host.observed.network_manager->unsettled = {Ifindex{2}, Ifindex{3}, Ifindex{7}};
    host.observed.network_manager->activating = {Ifindex{3}};
    EXPECT_TRUE(host.concerns(change(3)));
    EXPECT_TRUE(host.concerns(change(3, "", "10.0.0.9")));
    EXPECT_TRUE(host.concerns(change(0))) << "a default route without an interface";
    EXPECT_FALSE(host.concerns(change(2))) << "a device that is being deactivated";
    EXPECT_FALSE(host.concerns(change(7, "veth0", "172.17.0.1")));
}

} // namespace
} // namespace keeper::test
