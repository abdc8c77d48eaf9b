// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/diag_listeners.hpp"

#include <linux/netlink.h>

#include "adapters/kernel/dump_both_families.hpp"
#include "netlink/codec/listeners.hpp"

namespace keeper {

Result<Listeners> list_listeners() {
    netlink::NetlinkSocket socket(NETLINK_SOCK_DIAG);
    const auto mptcp = dump_both_families(socket, netlink::mptcp_listeners_request, netlink::parse_listener);
    if (!mptcp) {
        return fail("cannot list the listening MPTCP sockets", netlink::to_error(mptcp.error()));
    }
    const auto tcp = dump_both_families(socket, netlink::tcp_listeners_request, netlink::parse_listener);
    if (!tcp) {
        return fail("cannot list the listening TCP sockets", netlink::to_error(tcp.error()));
    }
    return Listeners{{tcp->begin(), tcp->end()}, {mptcp->begin(), mptcp->end()}};
}

std::set<std::uint64_t> list_listener_inodes() {
    netlink::NetlinkSocket socket(NETLINK_SOCK_DIAG);
    const auto inodes =
        dump_both_families(socket, netlink::tcp_listeners_request, netlink::parse_listener_inode);
    return inodes ? std::set<std::uint64_t>(inodes->begin(), inodes->end()) : std::set<std::uint64_t>{};
}

} // namespace keeper
