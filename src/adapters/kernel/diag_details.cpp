#include "adapters/kernel/diag_details.hpp"

#include <linux/netlink.h>

#include "adapters/kernel/dump_both_families.hpp"
#include "adapters/system/socket_processes.hpp"
#include "netlink/codec/connection_details.hpp"
#include "netlink/codec/sockets.hpp"

namespace keeper {

DiagDetails::DiagDetails() : socket_(NETLINK_SOCK_DIAG) {}

Result<std::vector<Connection>> DiagDetails::details() {
    auto connections =
        dump_both_families(socket_, netlink::mptcp_sockets_request, netlink::parse_connection_detail);
    if (!connections) {
        return fail("cannot read the MPTCP connections", netlink::to_error(connections.error()));
    }
    if (connections->empty()) { // a dump of TCP walks the kernel's whole hash table
        return std::move(*connections);
    }
    const auto subflows =
        dump_both_families(socket_, netlink::tcp_sockets_request, netlink::parse_subflow_detail);
    if (!subflows) {
        return fail("cannot read the TCP sockets of MPTCP connections", netlink::to_error(subflows.error()));
    }
    netlink::join_subflow_details(*connections, *subflows);
    return std::move(*connections);
}

ProcessesByInode DiagDetails::processes(const std::set<std::uint64_t>& inodes) {
    return processes_of_sockets(inodes);
}

} // namespace keeper
