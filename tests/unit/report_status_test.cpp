#include <gtest/gtest.h>

#include "report/status.hpp"
#include "report/status_text.hpp"

namespace keeper {
namespace {

EndpointKey key(const char* text) {
    return parse_endpoint_key(text).value();
}

const Source declared_at{"/etc/mptcp-keeper/config.yaml", 7, 3};
const EndpointFlags signal_flag{EndpointFlag::signal};
const EndpointFlags subflow_flag{EndpointFlag::subflow};

Profile profile(const std::string& name, const std::string& device, std::int32_t ifindex, MptcpFlags live) {
    Profile profile;
    profile.uuid = "uuid-" + name;
    profile.name = name;
    profile.type = "802-3-ethernet";
    profile.stored = {MptcpFlag::enabled, MptcpFlag::subflow};
    if (!device.empty()) {
        ProfileActivation activation;
        activation.interface = device;
        activation.ifindex = {ifindex};
        activation.live = live;
        profile.activations = {activation};
    }
    return profile;
}

Link link(const std::string& name, std::int32_t ifindex, const char* address) {
    LinkAddress link_address;
    link_address.no_prefix_route = true; // as NetworkManager configures its own
    link_address.address = IpAddress::parse(address).value();
    Link link;
    link.ifindex = {ifindex};
    link.name = name;
    link.addresses = {link_address};
    link.default_route_v4 = true;
    return link;
}

/// A host with one of everything.
ObservedState host() {
    ObservedState state;
    state.kernel_release = "6.18.0";
    state.mptcp_supported = true;
    state.sysctls = {{"enabled", "1"}, {"scheduler", "default"}, {"stale_loss_cnt", "4"}};
    state.limits = Limits{2, 0};
    state.links = {link("enp1s0", 2, "198.51.100.1"), link("enp4s0", 3, "192.0.2.1")};
    state.endpoints = {
        {key("192.0.2.1"), subflow_flag, {3}, {1}},
        {key("198.51.100.1:4000"), signal_flag, {2}, {5}},
        {key("203.0.113.5"), subflow_flag, {}, {7}},
        {key("203.0.113.6"), {EndpointFlag::implicit}, {}, {8}}};
    LiveSubflow established;
    established.established = true;
    state.connections = {
        {1, false, {established, established, LiveSubflow{}}}, {2, true, {}}, {3, false, {established}}};
    Profile external = profile("docker0", "", 0, {});
    external.skip_reason = "connected (externally)";
    NetworkManagerState manager;
    manager.version = "1.42.4";
    manager.profiles = {
        external,
        profile("lan one", "enp4s0", 3, {MptcpFlag::enabled, MptcpFlag::subflow}),
        profile("spare", "", 0, {}),
        profile("unmatched", "", 0, {})};
    state.network_manager = manager;
    return state;
}

DesiredState declaration() {
    DesiredState desired;
    desired.sysctls = {{"enabled", {"1", declared_at}}, {"close_timeout", {"60", declared_at}}};
    desired.subflows = Declared<std::uint32_t>{3, declared_at};
    ProfileRule rule;
    rule.match.names = {"lan*", "spare"};
    rule.flags = MptcpFlags{MptcpFlag::signal, MptcpFlag::subflow};
    rule.source = declared_at;
    desired.profiles = {rule};
    desired.endpoints[key("198.51.100.1:4000")] = {{"enp1s0"}, signal_flag, {{5}}, false, declared_at};
    desired.endpoints[key("192.0.2.77")] = {{"enp4s0"}, subflow_flag, {}, false, declared_at};
    return desired;
}

Ownership record() {
    Ownership ownership;
    ownership.sysctls["stale_loss_cnt"] = {"9", "/etc/old.yaml:1"};
    ownership.endpoints[key("198.51.100.1:4000")] = {signal_flag, "/etc/mptcp-keeper/config.yaml:7"};
    return ownership;
}

Change change_of(Resource resource, const std::string& item, Standing standing, const std::string& note) {
    Change change;
    change.resource = resource;
    change.key = item;
    change.standing = standing;
    change.note = note;
    return change;
}

Plan plan_for_it() {
    Plan plan;
    plan.changes = {
        change_of(
            Resource::sysctl,
            "net.mptcp.close_timeout",
            Standing::unsupported,
            "this kernel has no such sysctl"),
        change_of(Resource::limit, "subflows", Standing::actionable, "by netlink"),
        change_of(Resource::endpoint, "192.0.2.77", Standing::deferred, "waits for the address"),
        change_of(Resource::profile, "uuid-spare", Standing::actionable, "profile changed in place")};
    return plan;
}

Status status_of_host() {
    return make_status(declaration(), host(), record(), plan_for_it(), DaemonStatus{});
}

TEST(MakeStatus, TakesTheVerdictFromThePlan) {
    const Status status = status_of_host();
    EXPECT_FALSE(status.in_sync);
    EXPECT_TRUE(status.sysctls.at("enabled").in_sync);
    EXPECT_TRUE(status.sysctls.at("close_timeout").in_sync) << "unsupported is no drift";
    EXPECT_FALSE(status.limits.at("subflows").in_sync);
    EXPECT_TRUE(make_status(declaration(), host(), record(), Plan{}, DaemonStatus{}).in_sync);
}

TEST(MakeStatus, ShowsWhatIsNotDeclaredWithoutAVerdict) {
    const Status status = status_of_host();
    const ItemStatus<std::string>& scheduler = status.sysctls.at("scheduler");
    EXPECT_EQ(scheduler.desired, std::nullopt);
    EXPECT_EQ(scheduler.observed, "default");
    EXPECT_TRUE(scheduler.in_sync);
    EXPECT_FALSE(scheduler.once_declared);
    EXPECT_TRUE(status.sysctls.at("stale_loss_cnt").once_declared);
}

TEST(MakeStatus, TellsWhoseEachEndpointIs) {
    const std::vector<EndpointStatus> endpoints = status_of_host().endpoints;
    ASSERT_EQ(endpoints.size(), 4U) << "implicit ones are left out, the missing one is there";
    EXPECT_EQ(endpoints[0].owner, EndpointOwner::network_manager);
    EXPECT_EQ(endpoints[1].owner, EndpointOwner::keeper);
    EXPECT_EQ(endpoints[2].owner, EndpointOwner::other);
    EXPECT_TRUE(endpoints[0].desired) << "through its profile";
    EXPECT_TRUE(endpoints[1].desired);
    EXPECT_FALSE(endpoints[2].desired);
    EXPECT_EQ(endpoints[1].interface, "enp1s0");
    EXPECT_FALSE(endpoints[3].present);
    EXPECT_TRUE(endpoints[3].desired);
    EXPECT_TRUE(endpoints[3].in_sync) << "deferred is no drift";
}

TEST(MakeStatus, ADeclaredEndpointThatIsMissingIsDrift) {
    Plan plan;
    plan.changes = {change_of(Resource::endpoint, "192.0.2.77", Standing::actionable, "by netlink")};
    const Status status = make_status(declaration(), host(), record(), plan, DaemonStatus{});
    EXPECT_FALSE(status.endpoints.back().in_sync);
    EXPECT_TRUE(status.endpoints.back().desired);
}

TEST(MakeStatus, AnEndpointToBeRemovedIsNotDesired) {
    DesiredState desired = declaration();
    desired.endpoints[key("203.0.113.5")] = {{}, {}, {}, true, declared_at};
    Plan plan;
    plan.changes = {change_of(Resource::endpoint, "203.0.113.5", Standing::actionable, "by netlink")};
    const Status status = make_status(desired, host(), record(), plan, DaemonStatus{});
    EXPECT_FALSE(status.endpoints[2].desired);
    EXPECT_FALSE(status.endpoints[2].in_sync);
}

TEST(MakeStatus, ListsTheEndpointsThatAProfileStillLacks) {
    ChangeProfile action;
    LiveDevice device;
    device.interface = "enp4s0";
    device.endpoints = {
        AddEndpoint{{key("192.0.2.2"), subflow_flag, {3}, {}}},
        SetEndpointFlags{
            {key("192.0.2.1"), subflow_flag, {3}, {1}}, {key("192.0.2.1"), signal_flag, {3}, {1}}}};
    action.devices = {device};
    Change change = change_of(Resource::profile, "uuid-lan one", Standing::actionable, "");
    change.action = action;
    Plan plan;
    plan.changes = {change};
    DesiredState desired = declaration();
    desired.endpoints.clear();
    const Status status = make_status(desired, host(), record(), plan, DaemonStatus{});
    EXPECT_FALSE(status.endpoints[0].in_sync) << "its flags are to change";
    EXPECT_EQ(status.endpoints.back().key, key("192.0.2.2"));
    EXPECT_EQ(status.endpoints.back().owner, EndpointOwner::network_manager);
    EXPECT_EQ(status.endpoints.back().interface, "enp4s0");
    EXPECT_FALSE(status.endpoints.back().in_sync);
}

TEST(MakeStatus, AStandInIsNetworkManagers) {
    Ownership ownership = record();
    ownership.stand_ins[key("203.0.113.5")] = {subflow_flag, ""};
    const Status status = make_status(declaration(), host(), ownership, Plan{}, DaemonStatus{});
    EXPECT_EQ(status.endpoints[2].owner, EndpointOwner::network_manager);
}

TEST(MakeStatus, ListsProfilesThatARuleDecidesOrTheKeeperChanged) {
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

TEST(MakeStatus, PendingIsACommandWhereTheDeviceLagsBehindAndNothingMoreCanBeDone) {
    const Status status = status_of_host();
    EXPECT_EQ(status.profiles[0].pending, "nmcli connection up 'lan one'");
    EXPECT_TRUE(status.profiles[0].in_sync);
    EXPECT_EQ(status.profiles[1].pending, "") << "inactive";
    Plan plan = plan_for_it();
    plan.changes.push_back(change_of(Resource::profile, "uuid-lan one", Standing::actionable, ""));
    const Status drifted = make_status(declaration(), host(), record(), plan, DaemonStatus{});
    EXPECT_EQ(drifted.profiles[0].pending, "") << "apply comes first";
}

TEST(MakeStatus, NothingIsPendingWhereTheDeviceRunsTheDefaultThatIsDeclared) {
    DesiredState desired = declaration();
    desired.profiles[0].flags = MptcpFlags{};
    EXPECT_EQ(make_status(desired, host(), record(), Plan{}, DaemonStatus{}).profiles[0].pending, "");
}

TEST(MakeStatus, CountsConnections) {
    EXPECT_EQ(status_of_host().connections, (ConnectionCounts{2, 3, 1}));
}

TEST(StatusJson, IsTheContracts) {
    Status status = status_of_host();
    status.sysctls.erase("stale_loss_cnt");
    status.sysctls.erase("scheduler");
    status.limits.erase("add_addr_accepted");
    status.endpoints.erase(status.endpoints.begin() + 2, status.endpoints.end());
    status.profiles.resize(1);
    EXPECT_EQ(status_json(status), R"doc({
  "in_sync": false,
  "loaded": true,
  "kernel": {
    "release": "6.18.0",
    "mptcp": true
  },
  "network_manager": {
    "running": true,
    "version": "1.42.4"
  },
  "sysctl": {
    "close_timeout": {
      "desired": "60",
      "observed": null,
      "in_sync": true,
      "source": "/etc/mptcp-keeper/config.yaml:7"
    },
    "enabled": {
      "desired": "1",
      "observed": "1",
      "in_sync": true,
      "source": "/etc/mptcp-keeper/config.yaml:7"
    }
  },
  "limits": {
    "subflows": {
      "desired": 3,
      "observed": 2,
      "in_sync": false,
      "source": "/etc/mptcp-keeper/config.yaml:7"
    }
  },
  "endpoints": [
    {
      "address": "192.0.2.1",
      "port": null,
      "interface": "enp4s0",
      "flags": [
        "subflow"
      ],
      "id": 1,
      "owner": "network-manager",
      "desired": true,
      "in_sync": true
    },
    {
      "address": "198.51.100.1",
      "port": 4000,
      "interface": "enp1s0",
      "flags": [
        "signal"
      ],
      "id": 5,
      "owner": "keeper",
      "desired": true,
      "in_sync": true
    }
  ],
  "profiles": [
    {
      "uuid": "uuid-lan one",
      "name": "lan one",
      "desired": [
        "signal",
        "subflow"
      ],
      "stored": [
        "enabled",
        "subflow"
      ],
      "live": [
        "enabled",
        "subflow"
      ],
      "pending": "nmcli connection up 'lan one'",
      "in_sync": true,
      "active": true,
      "device": "enp4s0",
      "source": "/etc/mptcp-keeper/config.yaml:7"
    }
  ],
  "skipped": [
    {
      "uuid": "uuid-docker0",
      "name": "docker0",
      "reason": "connected (externally)"
    }
  ],
  "units": [],
  "connections": {
    "mptcp": 2,
    "subflows": 3,
    "fallback": 1
  },
  "daemon": {
    "running": false,
    "mode": "enforce",
    "repairs": 0,
    "last_repair": null,
    "conflicts": []
  }
}
)doc");
}

TEST(StatusText, IsATableThatReadsWithoutColour) {
    EXPECT_EQ(
        status_text(status_of_host(), Colour::never),
        R"doc(✗ 2 items are not as declared; `mptcp-keeper diff` says what apply would do

kernel          6.18.0, with MPTCP
NetworkManager  1.42.4
connections     2 MPTCP with 3 subflows, 1 fallen back to TCP
daemon          not running, mode enforce

   sysctl          desired  observed  declared at
…  close_timeout   60       –         /etc/mptcp-keeper/config.yaml:7  this kernel has no such sysctl
✓  enabled         1        1         /etc/mptcp-keeper/config.yaml:7
·  scheduler       –        default
·  stale_loss_cnt  –        4                                          no longer declared, left as it is

   limit              desired  observed  declared at
·  add_addr_accepted  –        0
✗  subflows           3        2         /etc/mptcp-keeper/config.yaml:7

   endpoint           interface  flags    id  owner            declared at
✓  192.0.2.1          enp4s0     subflow  1   network-manager  /etc/mptcp-keeper/config.yaml:7
✓  198.51.100.1:4000  enp1s0     signal   5   keeper           /etc/mptcp-keeper/config.yaml:7
·  203.0.113.5        –          subflow  7   other
…  192.0.2.77         enp4s0     subflow  –   keeper           /etc/mptcp-keeper/config.yaml:7  missing: waits for the address

   profile  device  desired         stored           live             declared at
…  lan one  enp4s0  signal,subflow  enabled,subflow  enabled,subflow  /etc/mptcp-keeper/config.yaml:7  final with: nmcli connection up 'lan one'
✗  spare    –       signal,subflow  enabled,subflow  –                /etc/mptcp-keeper/config.yaml:7

   skipped  reason
·  docker0  connected (externally)
)doc");
}

TEST(StatusText, SaysWhyNetworkManagerIsMissing) {
    ObservedState state = host();
    state.network_manager.reset();
    state.network_manager_error = "not on the bus";
    const Status status = make_status({}, state, {}, {}, {});
    const std::string text = status_text(status, Colour::never);
    EXPECT_NE(text.find("NetworkManager  not on the bus\n"), std::string::npos) << text;
}

} // namespace
} // namespace keeper
