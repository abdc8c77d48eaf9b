// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/link_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace keeper {

Result<LinkWatch> LinkWatch::create() {
    UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd) {
        return fail(std::string("cannot open an rtnetlink socket: ") + std::strerror(errno));
    }
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
    Events events;
    std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t length = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (length < 0 && errno != ENOBUFS && errno != EINTR) {
            return events;
        }
        events = events.with(Event::links_changed);
    }
}

} // namespace keeper
