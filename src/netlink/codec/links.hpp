// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/observed_state.hpp"
#include "netlink/codec/request.hpp"

/// rtnetlink(7): interfaces, addresses and default routes as bytes.
namespace keeper::netlink {

[[nodiscard]] Request links_request();
[[nodiscard]] Request addresses_request();
[[nodiscard]] Request routes_request();

/// The interface without addresses and routes. std::nullopt if the message is not an RTM_NEWLINK with a name.
[[nodiscard]] std::optional<Link> parse_link(const Message& message);

/// An address and the interface that it is on.
struct InterfaceAddress {
    Ifindex ifindex;
    LinkAddress address;
    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};
/// std::nullopt if the message is not an RTM_NEWADDR of IPv4 or IPv6. On a point-to-point link the address is
/// the local one.
[[nodiscard]] std::optional<InterfaceAddress> parse_address(const Message& message);

/// A default route and its output interfaces; a multipath route has several.
struct DefaultRoute {
    Family family = Family::ipv4;
    std::vector<Ifindex> interfaces;
    friend bool operator==(const DefaultRoute&, const DefaultRoute&) = default;
};
/// std::nullopt for other messages and routes: a default route has an empty destination and type unicast, and
/// counts only under the conditions of Link::default_route_v4.
[[nodiscard]] std::optional<DefaultRoute> parse_default_route(const Message& message);

/// A route via a gateway, in any table, and its output interfaces.
struct GatewayRoute {
    Family family = Family::ipv4;
    std::vector<Ifindex> interfaces;
    friend bool operator==(const GatewayRoute&, const GatewayRoute&) = default;
};
/// std::nullopt for other messages, and for routes that are on-link or lead nowhere.
[[nodiscard]] std::optional<GatewayRoute> parse_gateway_route(const Message& message);

/// The kind of an interface, and its lower interface.
struct LinkKindInfo {
    Ifindex ifindex;
    std::string kind; ///< IFLA_INFO_KIND; empty for physical interfaces
    Ifindex lower;    ///< IFLA_LINK if that is in this network namespace; 0 for none
    friend bool operator==(const LinkKindInfo&, const LinkKindInfo&) = default;
};
/// std::nullopt if the message is not an RTM_NEWLINK.
[[nodiscard]] std::optional<LinkKindInfo> parse_link_kind(const Message& message);

/// Combines the three dumps, sorted by ifindex. Addresses and routes of an interface that is not in the list
/// (it appeared or disappeared between the dumps) are dropped.
[[nodiscard]] std::vector<Link> assemble_links(
    std::vector<Link> links,
    const std::vector<InterfaceAddress>& addresses,
    const std::vector<DefaultRoute>& routes);

} // namespace keeper::netlink
