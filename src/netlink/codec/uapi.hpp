// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

/// Constants of the kernel's ABI that the headers of Debian 12 (Linux 6.1) lack or do not export. They are
/// fixed: the kernel never renumbers what user space sees.
namespace keeper::netlink::uapi {

// States of inet_diag_msg::idiag_state, from include/net/tcp_states.h; MPTCP sockets use the same.
inline constexpr std::uint8_t tcp_established = 1;
inline constexpr std::uint8_t tcp_time_wait = 6;
inline constexpr std::uint8_t tcp_close = 7;
inline constexpr std::uint8_t tcp_listen = 10;
inline constexpr std::uint8_t tcp_new_syn_recv = 12;

/// The name of the ULP of every subflow, from net/mptcp/subflow.c.
inline constexpr const char* subflow_ulp_name = "mptcp";

} // namespace keeper::netlink::uapi
