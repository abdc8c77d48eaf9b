// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/link_watch.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink/codec/link_changes.hpp"

namespace keeper {

namespace {

/// An event about a link has about 2 KiB, and up to 132 bytes more for each alternative name.
constexpr std::size_t longest_link_event = std::size_t{32} * 1024;

/// Drops in the kernel what add_link_changes() would ignore, so that it does not wake the daemon: routes with
/// a destination, which a router with a full table announces all the time, and two events about links. In
/// these groups a datagram is one message (nlmsg_notify() in net/netlink/af_netlink.c), so that nothing else
/// is lost with it. Failure is harmless.
void attach_link_filter(int socket) {
    constexpr std::uint32_t type = offsetof(nlmsghdr, nlmsg_type);
    constexpr std::uint32_t destination_length = NLMSG_HDRLEN + offsetof(rtmsg, rtm_dst_len);
    constexpr std::uint32_t family = NLMSG_HDRLEN + offsetof(ifinfomsg, ifi_family);
    constexpr std::uint32_t link_attributes = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(ifinfomsg));
    // Replaces A by the place of the attribute X, searched from A; 0 if there is none.
    constexpr auto find_attribute = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_NLATTR);
    // The type is in host byte order, but the filter loads big endian: htons() is what it sees.
    std::array<sock_filter, 15> program{{
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWLINK), 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELLINK), 2, 8),
        // a route
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, destination_length),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 6, 7),
        // a link
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, family),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_BRIDGE, 5, 0),
        BPF_STMT(BPF_LD | BPF_IMM, link_attributes),
        BPF_STMT(BPF_LDX | BPF_IMM, IFLA_WIRELESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, find_attribute),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff), // passes all bytes
        BPF_STMT(BPF_RET | BPF_K, 0),          // drops the message
    }};
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    (void)::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

} // namespace

Result<LinkWatch> LinkWatch::create(int buffer_size) {
    UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd) {
        return fail(std::string("cannot open an rtnetlink socket: ") + std::strerror(errno));
    }
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer_size, sizeof(buffer_size)) != 0) {
        // Less than requested: as much as net.core.rmem_max allows.
        (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof(buffer_size));
    }
    // Before the subscription: no event is queued that did not pass the filter.
    attach_link_filter(fd.get());
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups =
        RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
        return fail(std::string("cannot subscribe to rtnetlink: ") + std::strerror(errno));
    }
    return LinkWatch(std::move(fd));
}

Wakeup LinkWatch::collect() {
    std::array<std::uint8_t, longest_link_event> buffer; // not cleared: this would cost more than an event
    Wakeup wakeup;
    bool is_known = true;
    // To the end also after an overrun: the kernel drops events, without another ENOBUFS, until all that it
    // queued has been read (netlink_rcv_wake() in net/netlink/af_netlink.c).
    for (;;) {
        sockaddr_nl sender{};
        socklen_t sender_size = sizeof(sender);
        // With MSG_TRUNC the length is that of the datagram, even if it does not fit.
        const ssize_t length = ::recvfrom(
            fd_.get(),
            buffer.data(),
            buffer.size(),
            MSG_TRUNC,
            reinterpret_cast<sockaddr*>(&sender),
            &sender_size);
        if (length < 0 && errno != ENOBUFS && errno != EINTR) {
            return is_known ? wakeup : Wakeup(Event::links_changed);
        }
        if (length < 0) {
            is_known = is_known && errno == EINTR;
            continue;
        }
        const auto size = static_cast<std::size_t>(length);
        // Another process with CAP_NET_ADMIN can send datagrams to this socket, too.
        if (is_known && sender.nl_pid == 0) {
            is_known = size <= buffer.size() &&
                       netlink::add_link_changes(netlink::Bytes(buffer.data(), size), wakeup.links) &&
                       wakeup.links.size() <= most_changes;
        }
    }
}

} // namespace keeper
