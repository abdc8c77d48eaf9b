// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/endpoint.hpp"

namespace keeper {

/// States of TCP and MPTCP sockets; values of the kernel's include/net/tcp_states.h.
enum class SocketState : std::uint8_t {
    established = 1,
    syn_sent,
    syn_recv,
    fin_wait_1,
    fin_wait_2,
    time_wait,
    close,
    close_wait,
    last_ack,
    listen,
    closing,
};
/// The state's name in a filter of ss(8), such as "fin-wait-1"; "unknown" for any other value.
[[nodiscard]] std::string to_string(SocketState state);

/// One subflow of an MPTCP connection and its traffic.
struct ConnectionSubflow {
    SocketAddress local;
    SocketAddress remote;
    Ifindex ifindex; ///< the interface it is bound to; 0 for none
    SocketState state = SocketState::close;
    bool fully_established = false; ///< as TCP and as MPTCP: the peer has confirmed that it uses MPTCP
    bool join = false;              ///< MP_JOIN; false for the initial subflow
    bool backup = false;            ///< on either side
    std::uint8_t local_id = 0;
    std::uint8_t remote_id = 0;
    std::uint64_t bytes_sent = 0; ///< including retransmissions
    std::uint64_t bytes_received = 0;
    std::uint32_t rtt_us = 0;
    friend bool operator==(const ConnectionSubflow&, const ConnectionSubflow&) = default;
};

/// A live MPTCP connection.
struct Connection {
    std::uint32_t token = 0;
    SocketAddress local;
    SocketAddress remote;
    SocketState state = SocketState::close;
    bool fallback = false;                   ///< it continues as plain TCP
    std::uint64_t inode = 0;                 ///< of the socket; 0 once no process holds it
    std::vector<ConnectionSubflow> subflows; ///< the initial one first
    friend bool operator==(const Connection&, const Connection&) = default;
};

/// Whether a subflow of any of the connections has this local address.
[[nodiscard]] bool has_subflow_from(const std::vector<Connection>& connections, const IpAddress& local);
/// The same for fully established subflows.
[[nodiscard]] bool
has_established_subflow_from(const std::vector<Connection>& connections, const IpAddress& local);

/// A process that holds a socket.
struct SocketProcess {
    std::int64_t pid = 0;
    std::string name; ///< /proc/PID/comm
    std::string unit; ///< its innermost systemd unit; empty for none
    friend bool operator==(const SocketProcess&, const SocketProcess&) = default;
};
using ProcessesByInode = std::map<std::uint64_t, SocketProcess>;

} // namespace keeper
