// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/listeners.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "netlink/codec/uapi.hpp"

namespace keeper::netlink {

namespace {

inet_diag_req_v2 header_for_listeners(Family family) {
    inet_diag_req_v2 header{};
    header.sdiag_family = family == Family::ipv4 ? AF_INET : AF_INET6;
    header.idiag_states = std::uint32_t{1} << uapi::tcp_listen;
    return header;
}

} // namespace

Request tcp_listeners_request(Family family) {
    inet_diag_req_v2 header = header_for_listeners(family);
    header.sdiag_protocol = IPPROTO_TCP;
    Request request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    request.header(header);
    return request;
}

Request mptcp_listeners_request(Family family) {
    Request request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    request.header(header_for_listeners(family)); // IPPROTO_MPTCP, 262, does not fit into its field
    request.u32(INET_DIAG_REQ_PROTOCOL, IPPROTO_MPTCP);
    return request;
}

std::optional<std::uint64_t> parse_listener_inode(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    const bool listens =
        message.type == SOCK_DIAG_BY_FAMILY && header && header->idiag_state == uapi::tcp_listen;
    return listens ? std::optional<std::uint64_t>(header->idiag_inode) : std::nullopt;
}

std::optional<SocketAddress> parse_listener(const Message& message) {
    const auto header = read_front<inet_diag_msg>(message.payload);
    if (message.type != SOCK_DIAG_BY_FAMILY || !header || header->idiag_state != uapi::tcp_listen) {
        return std::nullopt;
    }
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), header->id.idiag_src, bytes.size());
    const auto address = IpAddress::from_bytes(bytes.data(), header->idiag_family == AF_INET ? 4 : 16);
    return address ? std::optional(SocketAddress{*address, ntohs(header->id.idiag_sport)}) : std::nullopt;
}

} // namespace keeper::netlink
