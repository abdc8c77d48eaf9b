// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/profile_suggestion.hpp"

#include <algorithm>

#include "base/text/printable.hpp"
#include "plan/network_manager_endpoints.hpp"

namespace keeper::planner {

namespace {

/// The profile flags that correspond to endpoint flags.
MptcpFlags to_mptcp_flags(EndpointFlags flags) {
    MptcpFlags result;
    const auto translate = [&](EndpointFlag from, MptcpFlag to) {
        if (flags.has(from)) {
            result = result.with(to);
        }
    };
    translate(EndpointFlag::signal, MptcpFlag::signal);
    translate(EndpointFlag::subflow, MptcpFlag::subflow);
    translate(EndpointFlag::backup, MptcpFlag::backup);
    translate(EndpointFlag::fullmesh, MptcpFlag::fullmesh);
    translate(EndpointFlag::laminar, MptcpFlag::laminar);
    return result;
}

} // namespace

MptcpFlags flags_with_endpoint(
    const Input& input, const ManagedDevice& maker, const SocketAddress& key, EndpointFlags wanted) {
    const MptcpFlags own = maker.rule != nullptr ? *maker.rule->flags : maker.profile->stored;
    const MptcpFlags present = resolve(own, *maker.activation, *input.observed.network_manager)
                                   .without(MptcpFlag::disabled)
                                   .without(MptcpFlag::enabled);
    MptcpFlags flags = present | to_mptcp_flags(wanted);
    if (refusal_of(flags)) {
        flags = flags.without(wanted.has(EndpointFlag::signal) ? MptcpFlag::fullmesh : MptcpFlag::signal);
    }
    // The device may run flags other than the profile's, without which the endpoint would disappear.
    const Link* link = find_link(input.observed, maker.activation->ifindex);
    const auto makes_it = [&] {
        const auto made = endpoints_by_network_manager(flags, *link, true);
        return std::any_of(
            made.begin(), made.end(), [&](const Endpoint& endpoint) { return endpoint.key == key; });
    };
    return link == nullptr || makes_it() ? flags : flags.with(MptcpFlag::also_without_default_route);
}

std::string suggest_profile(
    const Input& input, const ManagedDevice& maker, const SocketAddress& key, EndpointFlags wanted) {
    std::string flags;
    for (const std::string& name : names(flags_with_endpoint(input, maker, key, wanted))) {
        flags += flags.empty() ? name : ", " + name;
    }
    return "NetworkManager itself creates an endpoint for " + to_string(key) + ", from profile " +
           quoted_name(maker.profile->name) + " on " + maker.activation->interface +
           "; remove this entry and declare the profile instead:\n  profiles:\n    - match: {uuid: " +
           maker.profile->uuid + "}\n      mptcp-flags: [" + flags + "]";
}

} // namespace keeper::planner
