// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "model/endpoint.hpp"
#include "model/ip_address.hpp"
#include "netlink/codec/request.hpp"

/// rtnetlink(7): route lookups as bytes.
namespace keeper::netlink {

/// Requests the matching entry of the routing tables (RTM_F_FIB_MATCH). An ordinary lookup with an interface
/// succeeds without any route: the kernel then treats the destination as on-link. Without source or interface
/// (0) the kernel chooses them. It refuses with ENETUNREACH or EHOSTUNREACH if there is no route.
[[nodiscard]] Request
route_lookup(const IpAddress& destination, const std::optional<IpAddress>& source, Ifindex output);

/// The output interface of the route. std::nullopt for another message; index 0 for a route that leads
/// nowhere (unreachable, blackhole, prohibit) or to this host.
[[nodiscard]] std::optional<Ifindex> parse_route_output(const Message& message);

} // namespace keeper::netlink
