// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor/subflow_limit.hpp"

#include <algorithm>

#include "doctor/declaration.hpp"
#include "doctor/facts_view.hpp"
#include "doctor/role.hpp"
#include "model/mptcp_counters.hpp"

namespace keeper::rules {

namespace {

/// How many subflows the endpoints of one family can create besides the initial one, which uses one of these
/// endpoints if it can.
std::uint32_t additional_subflows(const std::vector<Endpoint>& endpoints, EndpointFlag flag) {
    std::uint32_t most = 0;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const auto number = std::count_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.key.address.family() == family && endpoint.flags.has(flag);
        });
        most = std::max(most, static_cast<std::uint32_t>(number > 0 ? number - 1 : 0));
    }
    return most;
}

/// Fullmesh endpoints of one family connect to the peer's initial address if they also have subflow, and to
/// each address that it announces. The limit counts failed attempts too. One of these is the initial subflow.
std::uint32_t fullmesh_subflows(const Facts& facts, const std::vector<Endpoint>& endpoints) {
    const std::uint32_t peers =
        std::max(facts.host.limits ? facts.host.limits->add_addr_accepted : 0, std::uint32_t{1});
    std::uint32_t most = 0;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const auto number = std::count_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.key.address.family() == family && endpoint.flags.has(EndpointFlag::fullmesh);
        });
        const auto pairs = static_cast<std::uint32_t>(number) * peers;
        most = std::max(most, pairs > 0 ? pairs - 1 : 0);
    }
    constexpr std::uint32_t common_maximum = 8; // a higher limit helps only on kernels that accept it
    return std::min(most, common_maximum);
}

/// On a host that also accepts connections, subflow endpoints try to join these and fail.
std::uint32_t failing_attempts(const Facts& facts, const std::vector<Endpoint>& endpoints) {
    return role_of(facts) == Role::both ? additional_subflows(endpoints, EndpointFlag::subflow) : 0;
}

constexpr const char* apply_limits = "mptcp-keeper apply --only limits";

std::uint32_t declared_subflows(const Facts& facts) {
    return facts.desired && facts.desired->subflows ? facts.desired->subflows->value : 0;
}

std::uint32_t declared_announcements(const Facts& facts) {
    return facts.desired && facts.desired->add_addr_accepted ? facts.desired->add_addr_accepted->value : 0;
}

} // namespace

std::uint32_t fullmesh_subflows(const Facts& facts) {
    return fullmesh_subflows(facts, configured_endpoints(facts));
}

std::uint32_t wanted_subflows(const Facts& facts) {
    const std::vector<Endpoint> endpoints = configured_endpoints(facts);
    return std::max(
        {additional_subflows(endpoints, EndpointFlag::subflow),
         additional_subflows(endpoints, EndpointFlag::signal) + failing_attempts(facts, endpoints),
         fullmesh_subflows(facts, endpoints),
         facts.host.limits ? facts.host.limits->add_addr_accepted : 0,
         std::uint32_t{1}});
}

std::string raise_subflows(const Facts& facts) {
    const std::uint32_t most = facts.kernel.limit_maximum.value_or(least_limit_maximum);
    const std::uint32_t limit = facts.host.limits ? facts.host.limits->subflows : 2;
    std::uint32_t proposed = std::max(wanted_subflows(facts), std::uint32_t{2});
    if (counter(facts.counters, "MPJoinRejected") > 0) {
        // A limit above the known maximum shows that the kernel accepts more.
        proposed = std::max(proposed, limit < most ? std::min(most, limit + 2) : limit + 2);
    }
    if (facts.kernel.limit_maximum) {
        proposed = std::min(proposed, *facts.kernel.limit_maximum);
    }
    proposed = std::max(proposed, declared_subflows(facts));
    if (proposed == declared_subflows(facts)) {
        return would_change(facts, Resource::limit)
                   ? apply_limits
                   : "ip mptcp limits set subflows " + std::to_string(proposed) +
                         "   # on the peers: lower it to what this host accepts (" +
                         to_string(facts.desired->subflows->source) + ")";
    }
    // A mesh also needs the announced addresses, so both limits belong together.
    const std::uint32_t accepted =
        std::max(facts.host.limits ? facts.host.limits->add_addr_accepted : 0, declared_announcements(facts));
    return "limits: {subflows: " + std::to_string(proposed) +
           (fullmesh_subflows(facts) > 0 && accepted > 0 ? ", add_addr_accepted: " + std::to_string(accepted)
                                                         : "") +
           "}";
}

std::string accept_announcements(const Facts& facts) {
    return declared_announcements(facts) > 0 ? apply_limits : "limits: {add_addr_accepted: 2}";
}

} // namespace keeper::rules
