// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/sockets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "netlink/codec/uapi.hpp"

namespace keeper::netlink {

namespace {

constexpr std::uint32_t state_bit(std::uint8_t state) {
    return std::uint32_t{1} << state;
}

inet_diag_req_v2 diag_header(Family family, std::uint32_t left_out_states) {
    inet_diag_req_v2 header{};
    header.sdiag_family = family == Family::ipv4 ? AF_INET : AF_INET6;
    header.idiag_states = ~left_out_states;
    return header;
}

std::optional<SocketAddress> key_of(std::uint8_t family, const __be32 (&raw)[4], __be16 port) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), raw, bytes.size());
    auto address = IpAddress::from_bytes(bytes.data(), family == AF_INET ? 4 : 16);
    if (address && address->is_v4_mapped()) {
        address = IpAddress::from_bytes(bytes.data() + 12, 4);
    }
    return address ? std::optional(SocketAddress{*address, ntohs(port)}) : std::nullopt;
}

/// What the kernel reports about a socket of either protocol.
struct Socket {
    inet_diag_msg header;
    SocketAddress local;
    SocketAddress remote;
    Bytes attributes;
};

/// std::nullopt for a listener or another message.
std::optional<Socket> read_socket(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    if (message.type != SOCK_DIAG_BY_FAMILY || !header || header->idiag_state == uapi::tcp_listen) {
        return std::nullopt;
    }
    const auto local = key_of(header->idiag_family, header->id.idiag_src, header->id.idiag_sport);
    const auto remote = key_of(header->idiag_family, header->id.idiag_dst, header->id.idiag_dport);
    if (!local || !remote) {
        return std::nullopt;
    }
    return Socket{
        .header = *header,
        .local = *local,
        .remote = *remote,
        .attributes = after(message.payload, sizeof(inet_diag_msg))};
}

/// A structure that newer kernels extend, as far as this kernel fills it; the rest is 0.
template <class T>
T read_prefix(Bytes bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(T)));
    return value;
}

void read_subflow_facts(Bytes attributes, OwnedSubflow& owned) {
    constexpr std::uint32_t join = MPTCP_SUBFLOW_FLAG_JOIN_REM | MPTCP_SUBFLOW_FLAG_JOIN_LOC;
    constexpr std::uint32_t backup = MPTCP_SUBFLOW_FLAG_BKUP_REM | MPTCP_SUBFLOW_FLAG_BKUP_LOC;
    ConnectionSubflow& subflow = owned.subflow;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        switch (attribute.type) {
        case MPTCP_SUBFLOW_ATTR_TOKEN_LOC:
            owned.token = attribute.u32().value_or(0);
            break;
        case MPTCP_SUBFLOW_ATTR_FLAGS: {
            const std::uint32_t flags = attribute.u32().value_or(0);
            subflow.join = (flags & join) != 0;
            subflow.backup = (flags & backup) != 0;
            subflow.fully_established = subflow.state == SocketState::established &&
                                        (flags & MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED) != 0;
            break;
        }
        case MPTCP_SUBFLOW_ATTR_ID_LOC:
            subflow.local_id = attribute.u8().value_or(0);
            break;
        case MPTCP_SUBFLOW_ATTR_ID_REM:
            subflow.remote_id = attribute.u8().value_or(0);
            break;
        default:
            break;
        }
    });
}

/// Reads the ULP information. False if the ULP is not MPTCP.
bool read_upper_layer(Bytes attributes, OwnedSubflow& owned) {
    bool is_subflow = false;
    for_each_attribute(attributes, [&](const Attribute& attribute) {
        if (attribute.type == INET_ULP_INFO_NAME) {
            is_subflow = attribute.text() == uapi::subflow_ulp_name;
        } else if (attribute.type == INET_ULP_INFO_MPTCP) {
            read_subflow_facts(attribute.payload, owned);
        }
    });
    return is_subflow;
}

/// MPTCP_SUBFLOW_ATTR_FLAGS; 0 if the socket is not a subflow.
std::uint32_t subflow_flags(Bytes ulp_attributes) {
    std::uint32_t flags = 0;
    for_each_attribute(ulp_attributes, [&](const Attribute& ulp) {
        if (ulp.type == INET_ULP_INFO_MPTCP) {
            for_each_attribute(ulp.payload, [&](const Attribute& attribute) {
                if (attribute.type == MPTCP_SUBFLOW_ATTR_FLAGS) {
                    flags = attribute.u32().value_or(0);
                }
            });
        }
    });
    return flags;
}

void read_tcp_info(Bytes bytes, ConnectionSubflow& subflow) {
    const auto info = read_prefix<tcp_info>(bytes);
    subflow.rtt_us = info.tcpi_rtt;
    subflow.bytes_sent = info.tcpi_bytes_sent;
    subflow.bytes_received = info.tcpi_bytes_received;
}

} // namespace

Request mptcp_sockets_request(Family family) {
    inet_diag_req_v2 header = diag_header(family, state_bit(uapi::tcp_listen));
    // IPPROTO_MPTCP, 262, does not fit into the header. A kernel that does not know the attribute refuses
    // protocol 0, whereas the low byte of 262 would be TCP.
    header.sdiag_protocol = 0;
    header.idiag_ext = 1 << (INET_DIAG_INFO - 1);
    Request request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    request.header(header);
    request.u32(INET_DIAG_REQ_PROTOCOL, IPPROTO_MPTCP);
    return request;
}

Request tcp_sockets_request(Family family) {
    inet_diag_req_v2 header = diag_header(
        family,
        state_bit(uapi::tcp_listen) | state_bit(uapi::tcp_time_wait) | state_bit(uapi::tcp_new_syn_recv));
    header.sdiag_protocol = IPPROTO_TCP;
    header.idiag_ext = 1 << (INET_DIAG_INFO - 1); // without it the kernel omits the ULP too
    Request request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    request.header(header);
    return request;
}

std::optional<Connection> parse_connection(const Message& message) {
    const auto socket = read_socket(message);
    if (!socket) {
        return std::nullopt;
    }
    std::optional<Connection> connection;
    for_each_attribute(socket->attributes, [&](const Attribute& attribute) {
        // Newer kernels extend mptcp_info; these fields are in its first version.
        constexpr std::size_t needed = offsetof(mptcp_info, mptcpi_write_seq);
        if (attribute.type == INET_DIAG_INFO && attribute.payload.size() >= needed) {
            const auto info = read_prefix<mptcp_info>(attribute.payload);
            connection = Connection{
                .token = info.mptcpi_token,
                .local = socket->local,
                .remote = socket->remote,
                .state = static_cast<SocketState>(socket->header.idiag_state),
                .fallback = (info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0,
                .inode = socket->header.idiag_inode,
                .subflows = {}};
        }
    });
    return connection;
}

std::optional<OwnedSubflow> parse_subflow(const Message& message) {
    const auto socket = read_socket(message);
    if (!socket) {
        return std::nullopt;
    }
    OwnedSubflow owned;
    owned.inode = socket->header.idiag_inode;
    owned.subflow.local = socket->local;
    owned.subflow.remote = socket->remote;
    owned.subflow.ifindex = Ifindex{static_cast<std::int32_t>(socket->header.id.idiag_if)};
    owned.subflow.state = static_cast<SocketState>(socket->header.idiag_state);
    bool is_subflow = false;
    for_each_attribute(socket->attributes, [&](const Attribute& attribute) {
        if (attribute.type == INET_DIAG_INFO) {
            read_tcp_info(attribute.payload, owned.subflow);
        } else if (attribute.type == INET_DIAG_ULP_INFO) {
            is_subflow = read_upper_layer(attribute.payload, owned);
        }
    });
    return is_subflow ? std::optional(owned) : std::nullopt;
}

std::optional<SidedSubflow> parse_subflow_sides(const Message& message) {
    const auto socket = read_socket(message);
    if (!socket || !parse_subflow(message)) {
        return std::nullopt;
    }
    std::uint32_t flags = 0;
    for_each_attribute(socket->attributes, [&](const Attribute& attribute) {
        if (attribute.type == INET_DIAG_ULP_INFO) {
            flags = subflow_flags(attribute.payload);
        }
    });
    SidedSubflow subflow;
    subflow.local = socket->local;
    subflow.remote = socket->remote;
    subflow.opened_here = (flags & (MPTCP_SUBFLOW_FLAG_MCAP_LOC | MPTCP_SUBFLOW_FLAG_JOIN_LOC)) != 0;
    subflow.backup_here = (flags & MPTCP_SUBFLOW_FLAG_BKUP_LOC) != 0;
    subflow.backup_there = (flags & MPTCP_SUBFLOW_FLAG_BKUP_REM) != 0;
    return subflow;
}

} // namespace keeper::netlink
