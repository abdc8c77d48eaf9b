// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/kernel/diag_connections.hpp"

#include <linux/netlink.h>

#include "adapters/kernel/dump_both_families.hpp"
#include "netlink/codec/sockets.hpp"

namespace keeper {

DiagConnections::DiagConnections() : socket_(NETLINK_SOCK_DIAG) {}

Result<std::vector<Connection>> DiagConnections::connections() {
    auto connections = dump_both_families(socket_, netlink::mptcp_sockets_request, netlink::parse_connection);
    if (!connections) {
        return fail("cannot read the MPTCP connections", netlink::to_error(connections.error()));
    }
    if (connections->empty()) {
        return std::move(*connections);
    }
    const auto subflows = dump_both_families(socket_, netlink::tcp_sockets_request, netlink::parse_subflow);
    if (!subflows) {
        return fail("cannot read the TCP sockets of MPTCP connections", netlink::to_error(subflows.error()));
    }
    join_subflows(*connections, *subflows);
    return std::move(*connections);
}

} // namespace keeper
