// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>
#include <iterator>
#include <vector>

#include "model/ip_address.hpp"
#include "netlink/netlink_socket.hpp"

namespace keeper {

/// Dumps both families into one list. ENOENT counts as an empty list: the kernel lacks that family or the
/// diag module.
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
            return propagate(some);
        }
    }
    return all;
}

} // namespace keeper
