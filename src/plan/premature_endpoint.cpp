// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "plan/planner.hpp"

namespace keeper::planner {

namespace {

bool has_usable_address(const std::vector<Link>& links, const IpAddress& address) {
    return std::any_of(links.begin(), links.end(), [&](const Link& link) {
        return std::any_of(link.addresses.begin(), link.addresses.end(), [&](const LinkAddress& found) {
            return found.address == address && found.is_usable();
        });
    });
}

bool is_local(const std::vector<Link>& links, const IpAddress& address) {
    return address.is_loopback() || has_usable_address(links, address);
}

bool is_established(const ConnectionSubflow& subflow) {
    return subflow.state == SocketState::established && subflow.fully_established;
}

/// Whether the kernel would have opened a subflow from the address if it had been usable in time: of the same
/// family, to another host, and within the limit.
bool lacks_subflow(const ObservedState& observed, const Connection& connection, const IpAddress& address) {
    const auto& subflows = connection.subflows;
    if (connection.fallback || connection.state != SocketState::established || subflows.empty()) {
        return false;
    }
    const SocketAddress& remote = subflows.front().remote;
    const auto further = static_cast<std::size_t>(
        std::count_if(subflows.begin(), subflows.end(), [](const auto& subflow) { return subflow.join; }));
    return remote.address.family() == address.family() && !is_local(*observed.links, remote.address) &&
           further < observed.limits->subflows &&
           std::none_of(subflows.begin(), subflows.end(), [&](const ConnectionSubflow& subflow) {
               return is_established(subflow) && subflow.local.address == address;
           });
}

/// Whether a removal would leave the connection without any established subflow.
bool depends_on(const Connection& connection, const IpAddress& address) {
    const auto& subflows = connection.subflows;
    const auto is_on_it = [&](const ConnectionSubflow& subflow) { return subflow.local.address == address; };
    return !connection.fallback && std::any_of(subflows.begin(), subflows.end(), is_on_it) &&
           std::none_of(subflows.begin(), subflows.end(), [&](const ConnectionSubflow& subflow) {
               return is_established(subflow) && !is_on_it(subflow);
           });
}

} // namespace

bool may_be_tried_again(const Input& input, const Endpoint& existing) {
    const ObservedState& observed = input.observed;
    return input.scope.tried_too_early.count(existing.key) != 0 &&
           existing.flags.has(EndpointFlag::subflow) && observed.links && observed.limits &&
           has_usable_address(*observed.links, existing.key.address);
}

bool must_be_tried_again(const Input& input, const Endpoint& existing) {
    const ObservedState& observed = input.observed;
    if (!observed.connections || !may_be_tried_again(input, existing)) {
        return false;
    }
    const IpAddress& address = existing.key.address;
    const std::vector<Connection>& connections = *observed.connections;
    return std::any_of(
               connections.begin(),
               connections.end(),
               [&](const Connection& connection) { return lacks_subflow(observed, connection, address); }) &&
           std::none_of(connections.begin(), connections.end(), [&](const Connection& connection) {
               return depends_on(connection, address);
           });
}

} // namespace keeper::planner
