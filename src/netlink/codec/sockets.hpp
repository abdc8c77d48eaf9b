#pragma once

#include <optional>

#include "model/subflow_join.hpp"
#include "netlink/codec/request.hpp"

/// sock_diag(7): MPTCP connections and the TCP sockets that are their subflows, as bytes.
namespace keeper::netlink {

/// All MPTCP sockets of one family but listeners.
[[nodiscard]] Request mptcp_sockets_request(Family family);
/// All TCP sockets of one family but listeners and those that are only an entry of a table (time-wait, and
/// requests for a connection). Who may not ask for it (CAP_NET_ADMIN) gets no ULP information.
[[nodiscard]] Request tcp_sockets_request(Family family);

/// The connection without its subflows. Nothing for a listener or a message without MPTCP information. An
/// IPv4 peer of an IPv6 socket is shown as IPv4.
[[nodiscard]] std::optional<Connection> parse_connection(const Message& message);

/// Nothing for a listener and for a TCP socket that is no subflow. Addresses as in parse_connection().
[[nodiscard]] std::optional<OwnedSubflow> parse_subflow(const Message& message);

/// Which side of a subflow did what; its ends as in parse_subflow().
struct SidedSubflow {
    EndpointKey local;
    EndpointKey remote;
    bool opened_here = false;
    bool backup_here = false;
    bool backup_there = false;
    friend bool operator==(const SidedSubflow&, const SidedSubflow&) = default;
};
/// Nothing where parse_subflow() finds nothing.
[[nodiscard]] std::optional<SidedSubflow> parse_subflow_sides(const Message& message);

} // namespace keeper::netlink
