// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "status/status.hpp"
#include "support/values.hpp"

/// A host with one item of everything, a declaration for it, and a plan.
namespace keeper::status_fixture {

using test::key;

inline const Source declared_at{"/etc/mptcp-keeper/config.yaml", 7, 3};
inline const EndpointFlags signal_flag{EndpointFlag::signal};
inline const EndpointFlags subflow_flag{EndpointFlag::subflow};

inline Profile
profile(const std::string& name, const std::string& device, std::int32_t ifindex, MptcpFlags live) {
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

inline Link link(const std::string& name, std::int32_t ifindex, const char* address) {
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
inline ObservedState host() {
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
    ConnectionSubflow established;
    established.fully_established = true;
    state.connections = std::vector<Connection>(3);
    (*state.connections)[0].subflows = {established, established, ConnectionSubflow{}};
    (*state.connections)[1].fallback = true;
    (*state.connections)[2].subflows = {established};
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

inline DesiredState declaration() {
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

inline Ownership record() {
    Ownership ownership;
    ownership.sysctls["stale_loss_cnt"] = {"9", "/etc/old.yaml:1"};
    ownership.endpoints[key("198.51.100.1:4000")] = {signal_flag, "/etc/mptcp-keeper/config.yaml:7"};
    return ownership;
}

inline Change
change_of(Resource resource, const std::string& item, Actionability actionability, const std::string& note) {
    Change change;
    change.resource = resource;
    change.key = item;
    change.actionability = actionability;
    change.note = note;
    return change;
}

inline Plan plan_for_it() {
    Plan plan;
    plan.changes = {
        change_of(
            Resource::sysctl,
            "net.mptcp.close_timeout",
            Actionability::unsupported,
            "this kernel has no such sysctl"),
        change_of(Resource::limit, "subflows", Actionability::actionable, "by netlink"),
        change_of(Resource::endpoint, "192.0.2.77", Actionability::deferred, "waits for the address"),
        change_of(Resource::profile, "uuid-spare", Actionability::actionable, "profile changed in place")};
    return plan;
}

inline Status status_of_host() {
    Status status = make_status(declaration(), host(), record(), plan_for_it(), DaemonStatus{});
    status.config = {.hash = "sha256:0123456789abcdef", .files = {"/etc/mptcp-keeper/config.yaml"}};
    return status;
}

} // namespace keeper::status_fixture
