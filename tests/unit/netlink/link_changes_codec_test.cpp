// SPDX-License-Identifier: LGPL-2.1-or-later
#include <set>
#include <string>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "netlink/codec/link_changes.hpp"
#include "netlink/codec/request.hpp"
#include "support/captured_bytes.hpp"

namespace keeper::netlink {
namespace {

using Changes = std::set<LinkChange>;

LinkChange named(std::int32_t ifindex, const std::string& name) {
    return {.ifindex = Ifindex{ifindex}, .name = name, .address = std::nullopt};
}

LinkChange addressed(std::int32_t ifindex, const char* address) {
    return {.ifindex = Ifindex{ifindex}, .name = {}, .address = IpAddress::parse(address).value()};
}

LinkChange routed(std::int32_t ifindex) {
    return {.ifindex = Ifindex{ifindex}, .name = {}, .address = std::nullopt};
}

/// The changes of one event; std::nullopt if it is malformed.
std::optional<Changes> changes_of(Request event) {
    Changes changes;
    const bool is_whole = add_link_changes(event.finish(0), changes);
    return is_whole ? std::optional(changes) : std::nullopt;
}

Request link_event(std::uint16_t type, unsigned char family = AF_UNSPEC) {
    ifinfomsg header{};
    header.ifi_family = family;
    header.ifi_index = 7;
    Request event(type, 0);
    event.header(header).text(IFLA_IFNAME, "eth0");
    return event;
}

Request address_event(std::uint16_t type, unsigned char family) {
    ifaddrmsg header{};
    header.ifa_family = family;
    header.ifa_index = 7;
    Request event(type, 0);
    event.header(header);
    return event;
}

struct RouteTraits {
    unsigned char destination_length = 0;
    unsigned char table = RT_TABLE_MAIN;
    unsigned char type = RTN_UNICAST;
    std::uint16_t flags = 0;
    unsigned char family = AF_INET;
};

Request route_event(std::uint16_t type, const RouteTraits& traits) {
    rtmsg header{};
    header.rtm_family = traits.family;
    header.rtm_dst_len = traits.destination_length;
    header.rtm_table = traits.table;
    header.rtm_type = traits.type;
    Request event(type, traits.flags);
    event.header(header);
    return event;
}

Request through(Request route, std::uint32_t ifindex) {
    return route.u32(RTA_OIF, ifindex);
}

std::vector<std::uint8_t> nexthops(const std::vector<int>& ifindexes) {
    std::vector<std::uint8_t> bytes;
    for (const int ifindex : ifindexes) {
        rtnexthop hop{};
        hop.rtnh_len = sizeof(hop);
        hop.rtnh_ifindex = ifindex;
        const auto* first = reinterpret_cast<const std::uint8_t*>(&hop);
        bytes.insert(bytes.end(), first, first + sizeof(hop));
    }
    return bytes;
}

TEST(LinkChangesCodec, UnderstandsTheEventsOfTheKernel) {
    // Captured: test0 (3) receives a second alternative name, 192.0.2.1 with the peer 192.0.2.2, and
    // 2001:db8::1, which is removed; a default route through test0 and test1 (2) is added, replaced by one
    // through test1 and removed; test1 receives another route and leaves a bridge; test0 is removed.
    const auto datagrams = netlink_test::captured("link-changes");
    Changes found;
    ASSERT_TRUE(add_link_changes(datagrams, found));
    const Changes expected{
        named(3, "test0"),
        named(3, "enp0s31f6"),
        named(3, "longer-than-sixteen"),
        addressed(3, "192.0.2.1"),
        addressed(3, "2001:db8::1"),
        routed(3),
        routed(2),
        routed(0)};
    EXPECT_EQ(found, expected);
}

TEST(LinkChangesCodec, NamesALinkThatAppearsOrDisappears) {
    for (const std::uint16_t type : {RTM_NEWLINK, RTM_DELLINK}) {
        Request event = link_event(type);
        event.begin_nest(IFLA_PROP_LIST)
            .text(IFLA_ALT_IFNAME, "wan")
            .text(IFLA_ALT_IFNAME, "uplink")
            .end_nest();
        const Changes expected{named(7, "eth0"), named(7, "uplink"), named(7, "wan")};
        EXPECT_EQ(changes_of(event), expected) << type;
    }
}

TEST(LinkChangesCodec, IgnoresThePortsOfBridges) {
    EXPECT_EQ(changes_of(link_event(RTM_NEWLINK, AF_BRIDGE)), Changes{});
    EXPECT_EQ(changes_of(link_event(RTM_DELLINK, AF_BRIDGE)), Changes{}) << "the port left the bridge";
}

TEST(LinkChangesCodec, IgnoresScansOfWirelessInterfaces) {
    Request event = link_event(RTM_NEWLINK);
    event.u32(IFLA_WIRELESS, 0);
    EXPECT_EQ(changes_of(event), Changes{});
}

TEST(LinkChangesCodec, NamesTheLocalAddress) {
    const std::vector<std::uint8_t> local{192, 0, 2, 1};
    const std::vector<std::uint8_t> peer{192, 0, 2, 2};
    for (const std::uint16_t type : {RTM_NEWADDR, RTM_DELADDR}) {
        Request event = address_event(type, AF_INET);
        event.attribute(IFA_ADDRESS, peer).attribute(IFA_LOCAL, local);
        EXPECT_EQ(changes_of(event), Changes{addressed(7, "192.0.2.1")}) << type;

        Request ipv6 = address_event(type, AF_INET6);
        ipv6.attribute(
            IFA_ADDRESS, std::vector<std::uint8_t>{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
        EXPECT_EQ(changes_of(ipv6), Changes{addressed(7, "fe80::1")}) << type;
    }
    EXPECT_EQ(changes_of(address_event(RTM_NEWADDR, AF_PHONET)), Changes{});
}

TEST(LinkChangesCodec, NamesTheOutputsOfADefaultRoute) {
    for (const std::uint16_t type : {RTM_NEWROUTE, RTM_DELROUTE}) {
        EXPECT_EQ(changes_of(through(route_event(type, {}), 7)), Changes{routed(7)});
        EXPECT_EQ(changes_of(through(route_event(type, {.family = AF_INET6}), 7)), Changes{routed(7)});
        Request multipath = route_event(type, {});
        multipath.attribute(RTA_MULTIPATH, nexthops({7, 9}));
        EXPECT_EQ(changes_of(multipath), (Changes{routed(7), routed(9)}));
        EXPECT_EQ(changes_of(route_event(type, {.type = RTN_UNREACHABLE})), Changes{routed(0)});
    }
}

TEST(LinkChangesCodec, AReplacedDefaultRouteHasAnUnknownOutput) {
    const RouteTraits replacement{.flags = NLM_F_REPLACE};
    EXPECT_EQ(
        changes_of(through(route_event(RTM_NEWROUTE, replacement), 7)), (Changes{routed(0), routed(7)}));
    const RouteTraits local{.type = RTN_LOCAL, .flags = NLM_F_REPLACE};
    EXPECT_EQ(changes_of(through(route_event(RTM_NEWROUTE, local), 7)), (Changes{routed(0), routed(7)}))
        << "what it replaced was perhaps a default route";
}

TEST(LinkChangesCodec, IgnoresOtherRoutes) {
    for (const std::uint16_t type : {RTM_NEWROUTE, RTM_DELROUTE}) {
        EXPECT_EQ(changes_of(through(route_event(type, {.destination_length = 1}), 7)), Changes{});
        EXPECT_EQ(changes_of(through(route_event(type, {.table = 100}), 7)), Changes{});
        EXPECT_EQ(changes_of(through(route_event(type, {.type = RTN_LOCAL}), 7)), Changes{});
        EXPECT_EQ(changes_of(through(route_event(type, {.type = RTN_BROADCAST}), 7)), Changes{});
        EXPECT_EQ(changes_of(through(route_event(type, {.family = AF_MPLS}), 7)), Changes{});
        Request large_table = route_event(type, {.table = RT_TABLE_COMPAT});
        EXPECT_EQ(changes_of(through(large_table.u32(RTA_TABLE, 1000), 7)), Changes{});
    }
    EXPECT_EQ(changes_of(link_event(RTM_GETLINK)), Changes{});
}

TEST(LinkChangesCodec, RefusesMalformedEvents) {
    EXPECT_EQ(changes_of(Request(RTM_NEWLINK, 0)), std::nullopt) << "no header";
    EXPECT_EQ(changes_of(Request(RTM_DELADDR, 0)), std::nullopt);
    EXPECT_EQ(changes_of(Request(RTM_DELROUTE, 0)), std::nullopt);
    EXPECT_EQ(changes_of(Request(RTM_NEWLINK, 0).header(ifinfomsg{}).text(IFLA_IFNAME, "eth0")), std::nullopt)
        << "no ifindex";
    ifinfomsg header{};
    header.ifi_index = 7;
    EXPECT_EQ(changes_of(Request(RTM_NEWLINK, 0).header(header)), std::nullopt) << "no name";
    EXPECT_EQ(changes_of(link_event(RTM_NEWLINK).u8(IFLA_PROP_LIST, 1)), std::nullopt);
    EXPECT_EQ(changes_of(address_event(RTM_NEWADDR, AF_INET)), std::nullopt) << "no address";
    EXPECT_EQ(changes_of(address_event(RTM_NEWADDR, AF_INET6).u32(IFA_ADDRESS, 1)), std::nullopt);
    auto hops = nexthops({7, 9});
    hops.pop_back();
    EXPECT_EQ(changes_of(route_event(RTM_NEWROUTE, {}).attribute(RTA_MULTIPATH, hops)), std::nullopt);
}

TEST(LinkChangesCodec, RefusesADatagramThatIsCutShort) {
    const auto whole = netlink_test::captured("link-changes");
    Bytes rest(whole);
    std::set<std::size_t> ends{0};
    while (take_message(rest)) {
        ends.insert(whole.size() - rest.size());
    }
    ASSERT_EQ(ends.size(), 11U);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        Changes changes;
        EXPECT_EQ(add_link_changes(Bytes(whole).first(size), changes), ends.count(size) == 1) << size;
    }
}

} // namespace
} // namespace keeper::netlink
