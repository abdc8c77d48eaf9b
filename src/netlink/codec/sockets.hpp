// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "model/subflow_join.hpp"
#include "netlink/codec/request.hpp"

/// sock_diag(7): MPTCP connections and their subflows (TCP sockets) as bytes.
namespace keeper::netlink {

/// All MPTCP sockets of one family except listeners.
[[nodiscard]] Request mptcp_sockets_request(Family family);
/// All TCP sockets of one family except listeners and minisockets (time-wait and connection requests).
/// Without CAP_NET_ADMIN the kernel omits the ULP information.
[[nodiscard]] Request tcp_sockets_request(Family family);

/// The connection without its subflows. std::nullopt for a listener or a message without MPTCP information.
/// An IPv4 peer of an IPv6 socket is returned as IPv4.
[[nodiscard]] std::optional<Connection> parse_connection(const Message& message);

/// std::nullopt for a listener and for a TCP socket that is not a subflow. Addresses as in
/// parse_connection().
[[nodiscard]] std::optional<OwnedSubflow> parse_subflow(const Message& message);

/// Which side opened a subflow and which requested backup; addresses as in parse_subflow().
struct SidedSubflow {
    SocketAddress local;
    SocketAddress remote;
    bool opened_here = false;
    bool backup_here = false;
    bool backup_there = false;
    friend bool operator==(const SidedSubflow&, const SidedSubflow&) = default;
};
/// std::nullopt if parse_subflow() returns that.
[[nodiscard]] std::optional<SidedSubflow> parse_subflow_sides(const Message& message);

} // namespace keeper::netlink
