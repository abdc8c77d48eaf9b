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
/// The state's name as ss(8) takes it in a filter, such as "fin-wait-1"; "unknown" for another value.
[[nodiscard]] std::string to_string(SocketState state);

/// One subflow of an MPTCP connection, and what it carried.
struct ConnectionSubflow {
    EndpointKey local;
    EndpointKey remote;
    Ifindex ifindex; ///< that it is bound to; 0 where it is not
    SocketState state = SocketState::close;
    bool fully_established = false; ///< as TCP and as MPTCP: its other end has proved that it speaks it
    bool join = false;              ///< MP_JOIN; false for the initial subflow
    bool backup = false;            ///< at either end
    std::uint8_t local_id = 0;
    std::uint8_t remote_id = 0;
    std::uint64_t bytes_sent = 0; ///< with what was sent again
    std::uint64_t bytes_received = 0;
    std::uint32_t rtt_us = 0;
    friend bool operator==(const ConnectionSubflow&, const ConnectionSubflow&) = default;
};

/// A live MPTCP connection.
struct Connection {
    std::uint32_t token = 0;
    EndpointKey local;
    EndpointKey remote;
    SocketState state = SocketState::close;
    bool fallback = false;                   ///< it goes on as plain TCP
    std::uint64_t inode = 0;                 ///< of the socket; 0 where no process has it any more
    std::vector<ConnectionSubflow> subflows; ///< the initial one first
    friend bool operator==(const Connection&, const Connection&) = default;
};

/// A process that holds a socket.
struct SocketProcess {
    std::int64_t pid = 0;
    std::string name; ///< /proc/PID/comm
    std::string unit; ///< its innermost systemd unit; empty where it is in none
    friend bool operator==(const SocketProcess&, const SocketProcess&) = default;
};
using ProcessesByInode = std::map<std::uint64_t, SocketProcess>;

} // namespace keeper
