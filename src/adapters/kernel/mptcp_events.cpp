// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/mptcp_events.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "netlink/codec/events.hpp"
#include "netlink/codec/path_manager.hpp"
#include "netlink/netlink_socket.hpp"

namespace keeper {

namespace {

/// Enough at once to print them cheaply, and few enough not to delay the first one.
constexpr std::size_t most_at_once = 512;
constexpr std::size_t longest_event = 4096;

Result<std::uint32_t> event_group() {
    netlink::NetlinkSocket socket(NETLINK_GENERIC);
    const auto group = socket.query(netlink::family_request(MPTCP_PM_NAME), netlink::parse_event_group);
    if (group) {
        return *group;
    }
    if (group.error().error == ENOENT || group.error().error == EBADMSG) {
        return fail(
            ErrorKind::unavailable,
            "this kernel does not announce MPTCP events, which require Linux 5.12 or later with CONFIG_MPTCP");
    }
    return fail("cannot look up the kernel's MPTCP events", netlink::to_error(group.error()));
}

} // namespace

Result<MptcpEvents> MptcpEvents::create(int buffer_size) {
    const auto group = event_group();
    if (!group) {
        return propagate(group);
    }
    UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return fail(std::string("cannot open a netlink socket: ") + std::strerror(errno));
    }
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer_size, sizeof(buffer_size)) != 0) {
        // Less than requested: as much as net.core.rmem_max allows.
        (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof(buffer_size));
    }
    if (::setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &*group, sizeof(*group)) != 0) {
        if (errno == EPERM) {
            return fail(
                ErrorKind::not_permitted,
                "receiving MPTCP events requires CAP_NET_ADMIN; run monitor as root");
        }
        return fail(std::string("cannot subscribe to the kernel's MPTCP events: ") + std::strerror(errno));
    }
    return MptcpEvents(std::move(fd));
}

Wakeup MptcpEvents::collect() {
    std::array<std::uint8_t, longest_event> buffer{};
    while (news_.items.size() < most_at_once && !news_.lost_some) {
        const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (size < 0) {
            news_.lost_some = errno == ENOBUFS;
            if (errno == EINTR) {
                continue;
            }
            break;
        }
        netlink::Bytes rest(buffer.data(), static_cast<std::size_t>(size));
        while (const auto message = netlink::take_message(rest)) {
            if (message->type < NLMSG_MIN_TYPE) {
                continue;
            }
            if (auto event = netlink::parse_event(*message)) {
                news_.items.push_back({std::chrono::system_clock::now(), *event});
            }
        }
    }
    return {};
}

MptcpNews MptcpEvents::take() {
    return std::exchange(news_, MptcpNews{});
}

} // namespace keeper
