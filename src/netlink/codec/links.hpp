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

/// The interface without addresses and routes. Nothing for a message that is no RTM_NEWLINK or names none.
[[nodiscard]] std::optional<Link> parse_link(const Message& message);

/// An address and the interface that it is on.
struct AddressOnLink {
    Ifindex ifindex;
    LinkAddress address;
    friend bool operator==(const AddressOnLink&, const AddressOnLink&) = default;
};
/// Nothing for a message that is no RTM_NEWADDR of IPv4 or IPv6. The address is the local one, where a
/// point-to-point link has two.
[[nodiscard]] std::optional<AddressOnLink> parse_address(const Message& message);

/// A default route and the interfaces by which it leaves, several for a multipath route.
struct DefaultRoute {
    Family family = Family::ipv4;
    std::vector<Ifindex> interfaces;
    friend bool operator==(const DefaultRoute&, const DefaultRoute&) = default;
};
/// Nothing for any other message or route: a default route has an empty destination and type unicast, and
/// it counts only as Link::default_route_v4 says.
[[nodiscard]] std::optional<DefaultRoute> parse_default_route(const Message& message);

/// A route by way of a gateway, in whatever table, and the interfaces by which it leaves.
struct GatewayRoute {
    Family family = Family::ipv4;
    std::vector<Ifindex> interfaces;
    friend bool operator==(const GatewayRoute&, const GatewayRoute&) = default;
};
/// Nothing for any other message, and for a route that leads to the link itself or nowhere.
[[nodiscard]] std::optional<GatewayRoute> parse_gateway_route(const Message& message);

/// What kind of interface it is, and the one that it lies on.
struct LinkKindInfo {
    Ifindex ifindex;
    std::string kind; ///< IFLA_INFO_KIND; empty for physical interfaces
    Ifindex lower;    ///< IFLA_LINK, where that is in this network namespace; 0 for none
    friend bool operator==(const LinkKindInfo&, const LinkKindInfo&) = default;
};
/// Nothing for a message that is not an RTM_NEWLINK.
[[nodiscard]] std::optional<LinkKindInfo> parse_link_kind(const Message& message);

/// Puts the three dumps together, sorted by ifindex. What belongs to an interface that is not in the list
/// (it came or went between the dumps) is dropped.
[[nodiscard]] std::vector<Link> assemble_links(
    std::vector<Link> links,
    const std::vector<AddressOnLink>& addresses,
    const std::vector<DefaultRoute>& routes);

} // namespace keeper::netlink
