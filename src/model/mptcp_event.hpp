// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "model/ip_address.hpp"

namespace keeper {

/// What the kernel's path manager announces; values of enum mptcp_event_type in <linux/mptcp.h>.
enum class MptcpEventKind : std::uint8_t {
    created = 1,
    established = 2,
    closed = 3,
    announced = 6,
    removed = 7,
    sf_established = 10,
    sf_closed = 11,
    sf_priority = 13,
    listener_created = 15, ///< since Linux 6.2
    listener_closed = 16,
};

/// One event of the group mptcp_pm_events, with the fields that the kernel sent. Addresses are as in the
/// message: an IPv4 peer of an IPv6 socket is IPv4-mapped.
struct MptcpEvent {
    MptcpEventKind kind{}; ///< may be a value without an enumerator
    std::optional<std::uint32_t> token;
    std::optional<std::uint8_t> remote_id;
    std::optional<std::uint8_t> local_id;
    std::optional<IpAddress> local;
    std::optional<IpAddress> remote;
    std::optional<std::uint16_t> local_port;
    std::optional<std::uint16_t> remote_port;
    std::optional<std::uint8_t> backup;
    std::optional<std::uint8_t> error; ///< an errno
    std::optional<std::uint16_t> flags;
    std::optional<std::uint32_t> timeout;
    std::optional<std::int32_t> ifindex;
    std::optional<std::uint32_t> reset_reason; ///< RFC 8684, section 3.6
    std::optional<std::uint32_t> reset_flags;
    std::optional<std::uint8_t> server_side;
    friend bool operator==(const MptcpEvent&, const MptcpEvent&) = default;
};

} // namespace keeper
