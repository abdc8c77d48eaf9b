// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>

#include "model/link_change.hpp"
#include "netlink/codec/message.hpp"

/// rtnetlink(7): the kernel's events about interfaces, addresses and default routes as hints.
namespace keeper::netlink {

/// Adds what an event concerns; nothing for other messages and routes. Returns false if the message is
/// malformed: what it concerns is then not known completely.
///
/// - RTM_NEWLINK, RTM_DELLINK: one change for each name of the link. The event has neither the previous name
///   of a renamed link nor an alternative name that was removed: only the ifindex identifies these links.
///   The kernel (6.18) sends no event for an alternative name of a link that is down.
/// - RTM_NEWADDR, RTM_DELADDR of IPv4 and IPv6: the link and the address, which is the local one as in
///   parse_address().
/// - RTM_NEWROUTE, RTM_DELROUTE: one change for each output interface of a default route of the main table,
///   since Link::default_route_v4 considers no other table; ifindex 0 if the route has none. A route of any
///   protocol counts, since it may replace one that was considered. The event does not have the replaced
///   route, so that an event with NLM_F_REPLACE also adds ifindex 0. Routes to this host (local, broadcast)
///   do not count unless they replace another.
///
/// Two events about links are left out: what they report is not part of a Link, and some hosts have many.
/// - of the family AF_BRIDGE, about the state of a bridge's port. Its RTM_DELLINK means that the port left
///   the bridge, not that the interface was removed. The kernel reports changes of the interface separately.
/// - with IFLA_WIRELESS, about scans and associations of a wireless interface. If the carrier changes too,
///   the kernel reports that separately.
[[nodiscard]] bool add_link_changes(const Message& message, std::set<LinkChange>& changes);

/// The same for all messages of a datagram; false also if a message has an invalid length.
[[nodiscard]] bool add_link_changes(Bytes datagram, std::set<LinkChange>& changes);

} // namespace keeper::netlink
