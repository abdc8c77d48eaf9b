#include "adapters/kernel/diag_connections.hpp"

#include <iterator>

#include <linux/netlink.h>

#include "netlink/codec/sockets.hpp"

namespace keeper {

namespace {

/// Dumps both families into one list. ENOENT: a kernel without that family or without the diag module, which
/// has nothing to show.
template <class MakeRequest, class Parse>
auto dump_both_families(netlink::NetlinkSocket& socket, MakeRequest make_request, Parse parse)
    -> netlink::Answer<std::vector<netlink::NetlinkSocket::Parsed<Parse>>> {
    std::vector<netlink::NetlinkSocket::Parsed<Parse>> all;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        auto some = socket.dump(make_request(family), parse);
        if (some) {
            all.insert(
                all.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
        } else if (some.error().error != ENOENT) {
            return tl::unexpected<netlink::Refusal>(some.error());
        }
    }
    return all;
}

} // namespace

DiagConnections::DiagConnections() : socket_(NETLINK_SOCK_DIAG) {}

Result<std::vector<LiveConnection>> DiagConnections::connections() {
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
    netlink::join_subflows(*connections, *subflows);
    return std::move(*connections);
}

} // namespace keeper
