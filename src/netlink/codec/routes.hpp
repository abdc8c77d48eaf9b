#pragma once

#include <optional>

#include "model/endpoint.hpp"
#include "model/ip_address.hpp"
#include "netlink/codec/request.hpp"

/// rtnetlink(7): which route the kernel would take, as bytes.
namespace keeper::netlink {

/// Asks for the entry of the routing tables that matches (RTM_F_FIB_MATCH). An ordinary lookup with an
/// interface succeeds without any route: the kernel then takes the destination for on-link. Without source
/// or interface (0) that part is left to the kernel. The kernel refuses with ENETUNREACH or EHOSTUNREACH
/// where there is no route.
[[nodiscard]] Request
route_lookup(const IpAddress& destination, const std::optional<IpAddress>& source, Ifindex output);

/// The interface by which the route leaves. Nothing for another message; index 0 for a route that leads
/// nowhere (unreachable, blackhole, prohibit) or to this host.
[[nodiscard]] std::optional<Ifindex> parse_route_output(const Message& message);

} // namespace keeper::netlink
