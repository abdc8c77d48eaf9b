// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "plan/network_manager_endpoints.hpp"
#include "support/doctor_fixture.hpp"

/// Hosts with connections, roles and profiles for doctor's rules.
namespace keeper::doctor_test {

inline SocketAddress at(const char* text, std::uint16_t port = 0) {
    return {address(text), port};
}

/// Adds a live connection over the local addresses, in that order; the peer is 203.0.113.80 or
/// 2001:db8:80::1.
inline void connect(Facts& facts, std::vector<const char*> locals, bool opened) {
    Connection connection;
    const bool is_v4 = address(locals.front()).family() == Family::ipv4;
    connection.remote = at(is_v4 ? "203.0.113.80" : "2001:db8:80::1", 80);
    connection.local = at(locals.front(), static_cast<std::uint16_t>(4000 + facts.host.connections->size()));
    for (const char* local : locals) {
        ConnectionSubflow subflow;
        subflow.local = {address(local), connection.local.port};
        subflow.remote = connection.remote;
        subflow.state = SocketState::established;
        subflow.fully_established = true;
        subflow.join = !connection.subflows.empty();
        connection.subflows.push_back(subflow);
        facts.subflow_sides[{subflow.local, subflow.remote}].opened_here = opened;
    }
    facts.host.connections->push_back(connection);
}

inline void without_endpoints(Facts& facts) {
    facts.host.endpoints->clear();
    facts.routes.clear();
}

/// Counters of a host that only accepts connections.
inline void accept_only(Facts& facts) {
    facts.counters = {{"MPCapableSYNRX", 12}, {"MPCapableACKRX", 12}, {"MPCapableSYNTX", 0}};
}

inline void reset_counters(Facts& facts) {
    facts.counters = {{"MPCapableSYNRX", 0}, {"MPCapableSYNTX", 0}};
}

inline NetworkManagerState manager(const char* version, MptcpFlags flags) {
    NetworkManagerState state;
    state.version = version;
    if (!is_older(version, 1, 56)) {
        state.default_flags = state.default_flags.with(MptcpFlag::laminar); // the built-in default
    }
    int index = 2;
    for (const char* name : {"wan", "lan"}) {
        Profile profile;
        profile.uuid = std::string("1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c1") + std::to_string(index);
        profile.name = name;
        profile.type = "802-3-ethernet";
        profile.stored = flags;
        profile.activations = {{index == 2 ? "eth0" : "eth1", Ifindex{index}, flags, false}};
        state.profiles.push_back(profile);
        ++index;
    }
    return state;
}

inline std::string fix_of(const Diagnosis& diagnosis, FindingCode code) {
    const Finding* finding = find(diagnosis, code);
    return finding == nullptr ? "" : finding->fix;
}

} // namespace keeper::doctor_test
