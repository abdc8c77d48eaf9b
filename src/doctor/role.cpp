// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/role.hpp"

#include <algorithm>

#include "doctor/facts_view.hpp"
#include "model/mptcp_counters.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::rules {

namespace {

/// The number of connections opened and accepted, and where the numbers come from.
struct Tally {
    std::uint64_t opened = 0;
    std::uint64_t accepted = 0;
    std::string evidence;
};

bool is_within_this_host(const Facts& facts, const Connection& connection) {
    return connection.remote.address.is_loopback() ||
           find_address(facts, connection.remote.address).address != nullptr;
}

Tally count_live(const Facts& facts) {
    Tally tally;
    for (const Connection& connection : facts.host.connections.or_empty()) {
        if (connection.fallback || connection.subflows.empty() || is_within_this_host(facts, connection)) {
            continue;
        }
        if (const auto opened = is_opened_here(facts, connection)) {
            ++(*opened ? tally.opened : tally.accepted);
        }
    }
    tally.evidence = std::to_string(tally.opened) +
                     (tally.opened == 1 ? " live connection" : " live connections") +
                     " opened by this host, " + std::to_string(tally.accepted) + " accepted";
    return tally;
}

Tally count_since_boot(const Facts& facts) {
    Tally tally;
    tally.opened = counter(facts.counters, "MPCapableSYNTX");
    tally.accepted = counter(facts.counters, "MPCapableSYNRX");
    tally.evidence = "MPCapableSYNRX " + std::to_string(tally.accepted) + ", MPCapableSYNTX " +
                     std::to_string(tally.opened);
    return tally;
}

/// Whether a program accepts MPTCP connections from other hosts. The kernel's own listeners, for endpoints
/// with a port, do not count.
bool listens(const Facts& facts) {
    if (!facts.listeners) {
        return false;
    }
    const auto& mptcp = facts.listeners->mptcp;
    return std::any_of(mptcp.begin(), mptcp.end(), [&](const SocketAddress& one) {
        return !one.address.is_loopback() &&
               std::none_of(
                   facts.host.endpoints.or_empty().begin(),
                   facts.host.endpoints.or_empty().end(),
                   [&](const Endpoint& endpoint) { return endpoint.key == one; });
    });
}

/// A few connections in the other direction, such as a server's updates, do not make it a proxy.
Role role_by(const Tally& tally) {
    constexpr std::uint64_t few = 10; // one in ten
    const std::uint64_t all = tally.opened + tally.accepted;
    const bool opens = tally.opened * few >= all;
    const bool accepts = tally.accepted * few >= all;
    return opens && accepts ? Role::both : opens ? Role::client : Role::server;
}

Tally decisive_tally(const Facts& facts) {
    const Tally live = count_live(facts);
    return live.opened + live.accepted > 0 ? live : count_since_boot(facts);
}

bool knows_laminar(const Facts& facts) {
    if (facts.kernel.dropped_flags.has(EndpointFlag::laminar)) {
        return false;
    }
    const bool is_shown = std::any_of(
        facts.host.endpoints.or_empty().begin(),
        facts.host.endpoints.or_empty().end(),
        [](const Endpoint& endpoint) { return endpoint.flags.has(EndpointFlag::laminar); });
    // Guessed from the release if unknown: a distribution's older kernel may support it and gets advice
    // without it. An apply learns from the kernel.
    return is_shown || facts.kernel.kept_flags.has(EndpointFlag::laminar) ||
           !is_older(facts.host.kernel_release, 6, 18);
}

} // namespace

std::optional<bool> is_opened_here(const Facts& facts, const Connection& connection) {
    // The initial subflow comes first. Once it is closed, its joins remain, which come from the side that
    // connected.
    for (const ConnectionSubflow& subflow : connection.subflows) {
        const auto sides = facts.subflow_sides.find({subflow.local, subflow.remote});
        if (sides != facts.subflow_sides.end()) {
            return sides->second.opened_here;
        }
    }
    return std::nullopt;
}

Role role_of(const Facts& facts) {
    const Tally tally = decisive_tally(facts);
    if (tally.opened + tally.accepted > 0) {
        const Role role = role_by(tally);
        return role == Role::client && listens(facts) ? Role::both : role;
    }
    return listens(facts) ? Role::server : Role::unknown;
}

std::string role_evidence(const Facts& facts) {
    const Tally tally = decisive_tally(facts);
    const std::string seen = tally.opened + tally.accepted > 0 ? " (" + tally.evidence + ")"
                                                               : " (a program listens on an MPTCP socket)";
    switch (role_of(facts)) {
    case Role::client:
        return "this host opens connections" + seen;
    case Role::server:
        return "this host accepts connections" + seen;
    case Role::both:
        return "this host opens and accepts connections" + seen;
    case Role::unknown:
        return "there has been no MPTCP connection yet";
    }
    return "";
}

EndpointFlags flags_for_role(const Facts& facts) {
    using enum EndpointFlag;
    if (role_of(facts) == Role::server) {
        return {signal};
    }
    return knows_laminar(facts) ? EndpointFlags{subflow, laminar} : EndpointFlags{subflow};
}

std::string role_comment(const Facts& facts) {
    switch (role_of(facts)) {
    case Role::client:
    case Role::server:
        return "";
    case Role::both:
    case Role::unknown:
        return "\n# subflow is for connections that this host opens; where it accepts them, use signal instead";
    }
    return "";
}

} // namespace keeper::rules
