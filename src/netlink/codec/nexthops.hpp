// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <linux/rtnetlink.h>

#include "model/endpoint.hpp"
#include "netlink/codec/message.hpp"

namespace keeper::netlink {

/// Calls visit(Ifindex, Bytes attributes) for each record of an RTA_MULTIPATH, whose records have varying
/// length and attributes of their own. Stops at the first with an invalid length; returns whether it visited
/// all.
template <class Visit>
bool for_each_nexthop(Bytes nexthops, Visit visit) {
    while (const auto nexthop = read_front<rtnexthop>(nexthops)) {
        if (nexthop->rtnh_len < sizeof(rtnexthop) || nexthop->rtnh_len > nexthops.size()) {
            return false;
        }
        visit(Ifindex{nexthop->rtnh_ifindex}, after(nexthops.first(nexthop->rtnh_len), sizeof(rtnexthop)));
        nexthops = after(nexthops, nexthop->rtnh_len);
    }
    return nexthops.empty();
}

} // namespace keeper::netlink
