// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "model/endpoint.hpp"
#include "netlink/codec/request.hpp"

/// sock_diag(7): listening sockets as bytes.
namespace keeper::netlink {

/// Listening TCP sockets of one family, including those that belong to a listening MPTCP socket.
[[nodiscard]] Request tcp_listeners_request(Family family);
/// Listening MPTCP sockets of one family; Linux before 5.19 lists none.
[[nodiscard]] Request mptcp_listeners_request(Family family);

/// The inode of its descriptors, as in /proc/PID/fd; the TCP socket of a listening MPTCP socket has the same.
/// std::nullopt if the socket does not listen.
[[nodiscard]] std::optional<std::uint64_t> parse_listener_inode(const Message& message);

/// The address and port; std::nullopt if the socket does not listen.
[[nodiscard]] std::optional<SocketAddress> parse_listener(const Message& message);

} // namespace keeper::netlink
