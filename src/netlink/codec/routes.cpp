// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink/codec/routes.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace keeper::netlink {

namespace {

Bytes bytes_of(const IpAddress& address) {
    return Bytes(address.bytes().data(), address.family() == Family::ipv4 ? 4 : 16);
}

} // namespace

Request route_lookup(const IpAddress& destination, const std::optional<IpAddress>& source, Ifindex output) {
    const bool is_v4 = destination.family() == Family::ipv4;
    rtmsg header{};
    header.rtm_family = is_v4 ? AF_INET : AF_INET6;
    header.rtm_dst_len = is_v4 ? 32 : 128;
    header.rtm_src_len = source ? header.rtm_dst_len : 0;
    header.rtm_flags = RTM_F_FIB_MATCH;
    Request request(RTM_GETROUTE, 0);
    request.header(header);
    request.attribute(RTA_DST, bytes_of(destination));
    if (source) {
        request.attribute(RTA_SRC, bytes_of(*source));
    }
    if (output.value != 0) {
        request.u32(RTA_OIF, static_cast<std::uint32_t>(output.value));
    }
    return request;
}

std::optional<Ifindex> parse_route_output(const Message& message) {
    const auto header = read_front<rtmsg>(message.payload);
    if (message.type != RTM_NEWROUTE || !header) {
        return std::nullopt;
    }
    Ifindex output;
    for_each_attribute(after(message.payload, sizeof(rtmsg)), [&](const Attribute& attribute) {
        if (attribute.type == RTA_OIF && attribute.u32()) {
            output = Ifindex{static_cast<std::int32_t>(*attribute.u32())};
        } else if (attribute.type == RTA_MULTIPATH) {
            if (const auto nexthop = read_front<rtnexthop>(attribute.payload)) {
                output = Ifindex{nexthop->rtnh_ifindex};
            }
        }
    });
    return header->rtm_type == RTN_UNICAST ? output : Ifindex{};
}

} // namespace keeper::netlink
