#pragma once

#include <optional>

#include "model/endpoint.hpp"
#include "netlink/codec/request.hpp"

/// sock_diag(7): who listens, as bytes.
namespace keeper::netlink {

/// TCP sockets of one family that listen. An MPTCP one that listens has a TCP one underneath, which is shown.
[[nodiscard]] Request tcp_listeners_request(Family family);
/// MPTCP sockets of one family that listen; Linux before 5.19 shows none.
[[nodiscard]] Request mptcp_listeners_request(Family family);

/// The address and port; nothing for a socket that does not listen.
[[nodiscard]] std::optional<EndpointKey> parse_listener(const Message& message);

} // namespace keeper::netlink
