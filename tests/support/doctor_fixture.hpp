// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "base/text/path_name.hpp"
#include "doctor/doctor.hpp"
#include "doctor/rules/rules.hpp"
#include "support/pasted_fix.hpp"

/// A healthy host for doctor's rules, and queries on their findings.
namespace keeper::doctor_test {

inline IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

inline Link link(int index, const char* name, const char* text) {
    Link link;
    link.ifindex = Ifindex{index};
    link.name = name;
    link.up = true;
    link.carrier = true;
    LinkAddress one;
    one.address = address(text);
    one.no_prefix_route = true;
    link.addresses = {one};
    link.default_route_v4 = true;
    return link;
}

inline Endpoint
endpoint(const char* text, int ifindex, EndpointFlags flags = {EndpointFlag::subflow}, int id = 1) {
    return {{address(text), 0}, flags, Ifindex{ifindex}, EndpointId{static_cast<std::uint8_t>(id)}};
}

/// Two interfaces on two networks with an endpoint each, and no problem. NetworkManager is not running, and
/// there is no connection.
inline Facts healthy_facts() {
    Facts facts;
    facts.host.kernel_release = "6.18.0";
    facts.host.mptcp_supported = true;
    facts.host.sysctls = {{"enabled", "1"}, {"path_manager", "kernel"}};
    facts.host.limits = Limits{2, 2};
    facts.host.links = {link(2, "eth0", "192.0.2.1"), link(3, "eth1", "198.51.100.1")};
    facts.host.endpoints = {
        endpoint("192.0.2.1", 2), endpoint("198.51.100.1", 3, {EndpointFlag::subflow}, 2)};
    facts.host.connections = std::vector<Connection>{};
    facts.host.network_manager_never_ran = true;
    facts.subnets = {{address("192.0.2.1"), "192.0.2.0/24"}, {address("198.51.100.1"), "198.51.100.0/24"}};
    facts.routes = {
        {(*facts.host.endpoints)[0].key, true, Ifindex{2}, ""},
        {(*facts.host.endpoints)[1].key, true, Ifindex{3}, ""}};
    facts.default_route_v4 = true;
    facts.rp_filter = {{"all", 0}, {"eth0", 2}, {"eth1", 0}};
    facts.counters = {{"MPCapableSYNTX", 1}, {"MPCapableSYNACKRX", 1}};
    facts.desired = DesiredState{};
    return facts;
}

/// A program of server.service with these numbers of sockets.
inline Program program(std::int64_t pid, std::size_t tcp, std::size_t mptcp) {
    Program one;
    one.pid = pid;
    one.name = "server";
    one.unit = "server.service";
    one.executable = "/usr/bin/server";
    one.executable_known = true;
    one.tcp_sockets = tcp;
    one.mptcp_sockets = mptcp;
    one.sockets_known = true;
    one.memory_known = true;
    return one;
}

/// The kind of an executable.
enum class Image { dynamic, fixed, secure, go };

/// A requested program with a plain TCP socket.
inline Program requested(const char* executable, Image image = Image::dynamic) {
    Program one = program(7, 1, 0);
    one.name = base_name(executable);
    one.unit = one.name + ".service";
    one.is_requested = true;
    one.executable = executable;
    one.is_static = image == Image::fixed || image == Image::go;
    one.is_secure = image == Image::secure;
    one.is_go = image == Image::go;
    return one;
}

/// The first finding with that code; a null pointer if there is none.
inline const Finding* find(const Diagnosis& diagnosis, FindingCode code) {
    const auto found =
        std::find_if(diagnosis.findings.begin(), diagnosis.findings.end(), [&](const Finding& finding) {
            return finding.code == code;
        });
    return found == diagnosis.findings.end() ? nullptr : &*found;
}

/// The diagnosis of the healthy host after a change. Applies each fix that is YAML as well.
template <class Change>
Diagnosis diagnose_with(Change change) {
    Facts facts = healthy_facts();
    change(facts);
    return diagnose_and_try_fixes(facts);
}

} // namespace keeper::doctor_test
