#pragma once

#include <optional>
#include <vector>

#include "model/observed_state.hpp"
#include "netlink/codec/request.hpp"

/// sock_diag(7): MPTCP connections and the TCP sockets that are their subflows, as bytes.
namespace keeper::netlink {

/// All MPTCP sockets of one family but listeners.
[[nodiscard]] Request mptcp_sockets_request(Family family);
/// All TCP sockets of one family but listeners and those that are only an entry of a table (time-wait, and
/// requests for a connection). Who may not ask for it (CAP_NET_ADMIN) gets no ULP information.
[[nodiscard]] Request tcp_sockets_request(Family family);

/// The connection without its subflows. Nothing for a listener or a message without MPTCP information.
[[nodiscard]] std::optional<LiveConnection> parse_connection(const Message& message);

/// A subflow and the local token of the connection that it belongs to.
struct SubflowOfToken {
    std::uint32_t token = 0;
    LiveSubflow subflow;
    friend bool operator==(const SubflowOfToken&, const SubflowOfToken&) = default;
};
/// Nothing for a TCP socket that is no subflow. An IPv4 peer of an IPv6 socket is shown as IPv4.
[[nodiscard]] std::optional<SubflowOfToken> parse_subflow(const Message& message);

/// Gives each connection its subflows, in their order; those of no connection in the list are dropped.
void join_subflows(std::vector<LiveConnection>& connections, const std::vector<SubflowOfToken>& subflows);

} // namespace keeper::netlink
