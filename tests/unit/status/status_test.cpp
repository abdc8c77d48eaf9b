// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "status/status.hpp"
#include "support/status_fixture.hpp"

namespace keeper {
namespace {

using namespace status_fixture;

TEST(MakeStatus, IsInSyncWhereThePlanIs) {
    const Status status = status_of_host();
    EXPECT_FALSE(status.in_sync);
    EXPECT_TRUE(status.sysctls.at("enabled").in_sync);
    EXPECT_TRUE(status.sysctls.at("close_timeout").in_sync) << "unsupported is not drift";
    EXPECT_FALSE(status.limits.at("subflows").in_sync);
    EXPECT_TRUE(make_status(declaration(), host(), record(), Plan{}, DaemonStatus{}).in_sync);
}

TEST(MakeStatus, TreatsUndeclaredItemsAsInSync) {
    const Status status = status_of_host();
    const ItemStatus<std::string>& scheduler = status.sysctls.at("scheduler");
    EXPECT_EQ(scheduler.desired, std::nullopt);
    EXPECT_EQ(scheduler.observed, "default");
    EXPECT_TRUE(scheduler.in_sync);
    EXPECT_FALSE(scheduler.once_declared);
    EXPECT_TRUE(status.sysctls.at("stale_loss_cnt").once_declared);
}

TEST(MakeStatus, ShowsTheOwnerOfEachEndpoint) {
    const std::vector<EndpointStatus> endpoints = status_of_host().endpoints;
    ASSERT_EQ(endpoints.size(), 4U) << "without implicit ones, with the missing one";
    EXPECT_EQ(endpoints[0].owner, EndpointOwner::network_manager);
    EXPECT_EQ(endpoints[1].owner, EndpointOwner::keeper);
    EXPECT_EQ(endpoints[2].owner, EndpointOwner::other);
    EXPECT_TRUE(endpoints[0].desired) << "through its profile";
    EXPECT_TRUE(endpoints[1].desired);
    EXPECT_FALSE(endpoints[2].desired);
    EXPECT_EQ(endpoints[1].interface, "enp1s0");
    EXPECT_FALSE(endpoints[3].present);
    EXPECT_TRUE(endpoints[3].desired);
    EXPECT_TRUE(endpoints[3].in_sync) << "deferred is not drift";
}

TEST(MakeStatus, AMissingDeclaredEndpointIsDrift) {
    Plan plan;
    plan.changes = {change_of(Resource::endpoint, "192.0.2.77", Actionability::actionable, "by netlink")};
    const Status status = make_status(declaration(), host(), record(), plan, DaemonStatus{});
    EXPECT_FALSE(status.endpoints.back().in_sync);
    EXPECT_TRUE(status.endpoints.back().desired);
}

TEST(MakeStatus, AnEndpointToBeRemovedIsNotDesired) {
    DesiredState desired = declaration();
    desired.endpoints[key("203.0.113.5")] = {{}, {}, {}, true, declared_at};
    Plan plan;
    plan.changes = {change_of(Resource::endpoint, "203.0.113.5", Actionability::actionable, "by netlink")};
    const Status status = make_status(desired, host(), record(), plan, DaemonStatus{});
    EXPECT_FALSE(status.endpoints[2].desired);
    EXPECT_FALSE(status.endpoints[2].in_sync);
}

TEST(MakeStatus, ListsAFlushedEndpoint) {
    Change change = change_of(Resource::endpoint, "192.0.2.2", Actionability::actionable, "by netlink");
    change.action = AddEndpoint{{key("192.0.2.2"), subflow_flag, {3}, {}}};
    change.for_network_manager = true;
    Plan plan;
    plan.changes = {change};
    const EndpointStatus missing =
        make_status(declaration(), host(), record(), plan, DaemonStatus{}).endpoints.back();
    EXPECT_EQ(missing.key, key("192.0.2.2"));
    EXPECT_EQ(missing.owner, EndpointOwner::network_manager);
    EXPECT_TRUE(missing.desired);
    EXPECT_FALSE(missing.present);
    EXPECT_FALSE(missing.in_sync);
}

TEST(MakeStatus, ListsTheMissingEndpointsOfAProfile) {
    ChangeProfile action;
    LiveDevice device;
    device.interface = "enp4s0";
    device.endpoints = {
        AddEndpoint{{key("192.0.2.2"), subflow_flag, {3}, {}}},
        SetEndpointFlags{
            {key("192.0.2.1"), subflow_flag, {3}, {1}}, {key("192.0.2.1"), signal_flag, {3}, {1}}}};
    action.devices = {device};
    Change change = change_of(Resource::profile, "uuid-lan one", Actionability::actionable, "");
    change.action = action;
    Plan plan;
    plan.changes = {change};
    DesiredState desired = declaration();
    desired.endpoints.clear();
    const Status status = make_status(desired, host(), record(), plan, DaemonStatus{});
    EXPECT_FALSE(status.endpoints[0].in_sync) << "its flags will change";
    EXPECT_EQ(status.endpoints.back().key, key("192.0.2.2"));
    EXPECT_EQ(status.endpoints.back().owner, EndpointOwner::network_manager);
    EXPECT_EQ(status.endpoints.back().interface, "enp4s0");
    EXPECT_FALSE(status.endpoints.back().in_sync);
}

TEST(MakeStatus, AStandInBelongsToNetworkManager) {
    Ownership ownership = record();
    ownership.stand_ins[key("203.0.113.5")] = {subflow_flag, ""};
    const Status status = make_status(declaration(), host(), ownership, Plan{}, DaemonStatus{});
    EXPECT_EQ(status.endpoints[2].owner, EndpointOwner::network_manager);
}

TEST(MakeStatus, ListsProfilesThatARuleMatchesOrTheKeeperChanged) {
    Ownership ownership = record();
    ownership.profiles["uuid-unmatched"] = {"unmatched", {}, "/etc/old.yaml:1"};
    const Status status = make_status(declaration(), host(), ownership, plan_for_it(), DaemonStatus{});
    ASSERT_EQ(status.profiles.size(), 3U);
    EXPECT_EQ(status.profiles[0].name, "lan one");
    EXPECT_EQ(status.profiles[1].name, "spare");
    EXPECT_FALSE(status.profiles[1].in_sync);
    EXPECT_FALSE(status.profiles[1].active());
    EXPECT_EQ(status.profiles[2].name, "unmatched");
    EXPECT_EQ(status.profiles[2].desired, std::nullopt);
    EXPECT_EQ(
        status.skipped, (std::vector<SkippedProfile>{{"uuid-docker0", "docker0", "connected (externally)"}}));
}

TEST(MakeStatus, PendingIsTheCommandThatCompletesTheChangeOnTheDevice) {
    const Status status = status_of_host();
    EXPECT_EQ(status.profiles[0].pending, "nmcli connection up 'lan one'");
    EXPECT_TRUE(status.profiles[0].in_sync);
    EXPECT_EQ(status.profiles[1].pending, "") << "inactive";
    Plan plan = plan_for_it();
    plan.changes.push_back(change_of(Resource::profile, "uuid-lan one", Actionability::actionable, ""));
    const Status drifted = make_status(declaration(), host(), record(), plan, DaemonStatus{});
    EXPECT_EQ(drifted.profiles[0].pending, "") << "apply comes first";
}

TEST(MakeStatus, NothingIsPendingIfTheDeviceUsesTheDeclaredDefault) {
    DesiredState desired = declaration();
    desired.profiles[0].flags = MptcpFlags{};
    EXPECT_EQ(make_status(desired, host(), record(), Plan{}, DaemonStatus{}).profiles[0].pending, "");
}

TEST(MakeStatus, CountsConnections) {
    EXPECT_EQ(status_of_host().connections, (ConnectionCounts{2, 3, 1}));
}

} // namespace
} // namespace keeper
