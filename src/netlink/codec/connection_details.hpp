#pragma once

#include <optional>
#include <vector>

#include "model/connection.hpp"
#include "netlink/codec/message.hpp"

/// sock_diag(7): what the replies to the requests of codec/sockets.hpp say about a connection for a person.
namespace keeper::netlink {

/// The connection without its subflows. Nothing for a listener or a message without MPTCP information. An
/// IPv4 peer of an IPv6 socket is shown as IPv4.
[[nodiscard]] std::optional<Connection> parse_connection_detail(const Message& message);

/// A subflow, and what says which connection it belongs to.
struct OwnedSubflow {
    std::uint32_t token = 0; ///< the local one; 0 where the connection has none (any more)
    std::uint64_t inode = 0; ///< of the connection's socket, which its subflows share; 0 for none
    ConnectionSubflow subflow;
    friend bool operator==(const OwnedSubflow&, const OwnedSubflow&) = default;
};
/// Nothing for a TCP socket that is no subflow.
[[nodiscard]] std::optional<OwnedSubflow> parse_subflow_detail(const Message& message);

/// Gives each connection its subflows: by the token, and where that says nothing, as it may after a fallback
/// to TCP, by the socket or by the addresses. Initial subflows come first. Those of no connection in the
/// list are dropped.
void join_subflow_details(std::vector<Connection>& connections, const std::vector<OwnedSubflow>& subflows);

} // namespace keeper::netlink
