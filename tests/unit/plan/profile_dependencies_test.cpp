// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/profile_dependencies.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "support/values.hpp"

namespace keeper::test {
namespace {

/// A state with a declared, an active, a recorded, a skipped and an idle profile, in that order.
struct Before {
    NetworkManagerState state;
    DesiredState desired;
    Ownership ownership;
    LinkDependencies links;

    Before() {
        state.version = "1.42.4";
        state.profiles = {
            active_profile("a-declared", link(2, "eth0", {}), {}),
            active_profile("b-active", link(3, "eth1", {}), {}),
            active_profile("c-recorded", link(4, "eth2", {}), {}),
            active_profile("d-skipped", link(5, "veth0", {}), {}),
            active_profile("e-idle", link(6, "eth4", {}), {})};
        for (const int idle : {0, 2, 4}) {
            state.profiles[static_cast<std::size_t>(idle)].activations.clear();
        }
        state.profiles[3].skip_reason = "connected (externally)";
        desired.profiles = {rule("a-*", MptcpFlags{MptcpFlag::signal})};
        ownership.profiles["uuid-c-recorded"] = {};
        ObservedState observed;
        observed.links = std::vector<Link>{link(3, "eth1", {}), link(5, "veth0", {})};
        observed.endpoints = std::vector<Endpoint>{};
        observed.network_manager = state;
        links = LinkDependencies(desired, observed, ownership);
    }
    [[nodiscard]] bool matters(const std::function<void(NetworkManagerState&)>& mutation) const {
        NetworkManagerState after = state;
        mutation(after);
        const bool result = differ_in_effect(state, after, desired, ownership, links);
        EXPECT_EQ(differ_in_effect(after, state, desired, ownership, links), result) << "in either direction";
        return result;
    }
    [[nodiscard]] bool matters_if_stored_changes(std::size_t profile) const {
        return matters([=](NetworkManagerState& now) { now.profiles[profile].stored = {MptcpFlag::backup}; });
    }
    [[nodiscard]] bool matters_if_removed(std::ptrdiff_t profile) const {
        return matters([=](NetworkManagerState& now) { now.profiles.erase(now.profiles.begin() + profile); });
    }
};

TEST(ProfileDependencies, AnEqualStateDoesNotMatter) {
    EXPECT_FALSE(Before().matters([](NetworkManagerState&) {}));
}

TEST(ProfileDependencies, DeclaredActiveAndRecordedProfilesMatter) {
    const Before before;
    for (const std::size_t profile : {0U, 1U, 2U}) {
        EXPECT_TRUE(before.matters_if_stored_changes(profile)) << profile;
        EXPECT_TRUE(before.matters_if_removed(static_cast<std::ptrdiff_t>(profile))) << profile;
    }
    for (const std::size_t profile : {3U, 4U}) {
        EXPECT_FALSE(before.matters_if_stored_changes(profile)) << profile;
        EXPECT_FALSE(before.matters_if_removed(static_cast<std::ptrdiff_t>(profile))) << profile;
    }
}

TEST(ProfileDependencies, NewProfilesMatterIfARuleMatchesThem) {
    const Before before;
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) {
        now.profiles.insert(now.profiles.begin() + 1, active_profile("a-new", link(9, "eth9", {}), {}));
        now.profiles[1].activations.clear();
    }));
    EXPECT_FALSE(before.matters([](NetworkManagerState& now) {
        Profile container = active_profile("c-veth9", link(9, "veth9", {}), {});
        container.skip_reason = "connected (externally)";
        now.profiles.insert(now.profiles.begin() + 3, container);
        now.profiles.push_back(active_profile("z-idle", link(10, "eth10", {}), {}));
        now.profiles.back().activations.clear();
    }));
}

TEST(ProfileDependencies, ASkippedProfileDoesNotMatterToARuleThatMatchesOthers) {
    const Before before;
    EXPECT_FALSE(before.matters([](NetworkManagerState& now) {
        Profile container = active_profile("a-veth9", link(9, "veth9", {}), {});
        container.activations.clear();
        container.skip_reason = "connected (externally)";
        now.profiles.insert(now.profiles.begin() + 1, container);
    }));
}

TEST(ProfileDependencies, AnActivationAndARenameMatter) {
    const Before before;
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) {
        now.profiles[4].activations = {{"eth4", Ifindex{6}, {}, false}};
    }));
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) { now.profiles[4].name = "a-renamed"; }));
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) { now.profiles[3].skip_reason.reset(); }));
    EXPECT_TRUE(before.matters(
        [](NetworkManagerState& now) { now.profiles[1].activations[0].live = {MptcpFlag::backup}; }));
}

TEST(ProfileDependencies, ASkippedProfileMattersToTheRuleThatMatchesIt) {
    Before before;
    before.desired.profiles.push_back(rule("d-*", MptcpFlags{MptcpFlag::signal}));
    EXPECT_TRUE(before.matters_if_removed(3)) << "the plan has a warning about it";
}

TEST(ProfileDependencies, OnlyUnsettledDevicesOfInterestMatter) {
    const Before before;
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) { now.unsettled = {Ifindex{3}}; }));
    EXPECT_FALSE(before.matters([](NetworkManagerState& now) { now.unsettled = {Ifindex{5}}; }));
}

TEST(ProfileDependencies, AnActivationThatBeginsMattersOnAnyDevice) {
    const Before before;
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) {
        now.unsettled = now.activating = {Ifindex{6}}; // of e-idle, on which no item depends yet
    }));
}

TEST(ProfileDependencies, VersionDefaultsAndStartMatter) {
    const Before before;
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) { now.version = "1.56.0"; }));
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) { now.default_flags = {MptcpFlag::disabled}; }));
    EXPECT_TRUE(before.matters([](NetworkManagerState& now) { now.is_starting = true; }));
}

} // namespace
} // namespace keeper::test
