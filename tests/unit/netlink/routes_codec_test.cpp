// SPDX-License-Identifier: LGPL-2.1-or-later
#include <map>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "netlink/codec/routes.hpp"

namespace keeper::netlink {
namespace {

std::vector<std::uint8_t> bytes_of(const void* value, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(value);
    return {first, first + size};
}

void append(std::vector<std::uint8_t>& bytes, const void* value, std::size_t size) {
    const auto more = bytes_of(value, size);
    bytes.insert(bytes.end(), more.begin(), more.end());
}

/// rtmsg and attributes, as the kernel answers RTM_GETROUTE.
std::vector<std::uint8_t> route(unsigned char type) {
    rtmsg header{};
    header.rtm_family = AF_INET;
    header.rtm_type = type;
    return bytes_of(&header, sizeof(header));
}

void add_attribute(
    std::vector<std::uint8_t>& bytes, std::uint16_t type, const void* value, std::size_t size) {
    const rtattr head{static_cast<unsigned short>(sizeof(rtattr) + size), type};
    append(bytes, &head, sizeof(head));
    append(bytes, value, size);
}

std::optional<Ifindex>
output_of(const std::vector<std::uint8_t>& payload, std::uint16_t type = RTM_NEWROUTE) {
    Message message;
    message.type = type;
    message.payload = Bytes(payload.data(), payload.size());
    return parse_route_output(message);
}

TEST(RouteCodec, ReportsTheOutputInterface) {
    const std::uint32_t interface = 7;
    auto plain = route(RTN_UNICAST);
    add_attribute(plain, RTA_OIF, &interface, sizeof(interface));
    EXPECT_EQ(output_of(plain), Ifindex{7});

    auto multipath = route(RTN_UNICAST);
    rtnexthop hop{};
    hop.rtnh_len = sizeof(hop);
    hop.rtnh_ifindex = 9;
    add_attribute(multipath, RTA_MULTIPATH, &hop, sizeof(hop));
    EXPECT_EQ(output_of(multipath), Ifindex{9});
}

TEST(RouteCodec, ReportsARouteThatLeadsNowhere) {
    const std::uint32_t interface = 1;
    for (const unsigned char type : {RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT, RTN_LOCAL}) {
        auto bytes = route(type);
        add_attribute(bytes, RTA_OIF, &interface, sizeof(interface));
        EXPECT_EQ(output_of(bytes), Ifindex{}) << int{type};
    }
    EXPECT_EQ(output_of(route(RTN_UNICAST)), Ifindex{}) << "without an interface";
}

TEST(RouteCodec, RefusesOtherAndBrokenMessages) {
    EXPECT_EQ(output_of(route(RTN_UNICAST), RTM_NEWLINK), std::nullopt);
    const std::uint32_t interface = 7;
    auto whole = route(RTN_UNICAST);
    const std::size_t header = whole.size();
    add_attribute(whole, RTA_OIF, &interface, sizeof(interface));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto output = output_of(cut);
        EXPECT_EQ(output, size < header ? std::nullopt : std::optional(Ifindex{})) << size;
    }
    auto multipath = route(RTN_UNICAST);
    add_attribute(multipath, RTA_MULTIPATH, &interface, sizeof(interface)); // no whole rtnexthop
    EXPECT_EQ(output_of(multipath), Ifindex{});
}

TEST(RouteCodec, RequestsTheMatchingEntryOfTheTable) {
    Request request =
        route_lookup(*IpAddress::parse("198.41.0.4"), IpAddress::parse("192.0.2.1"), Ifindex{7});
    Bytes rest = request.finish(1);
    const auto message = take_message(rest);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, RTM_GETROUTE);
    const auto header = read_front<rtmsg>(message->payload);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->rtm_family, AF_INET);
    EXPECT_EQ(header->rtm_dst_len, 32);
    EXPECT_EQ(header->rtm_src_len, 32);
    EXPECT_NE(header->rtm_flags & RTM_F_FIB_MATCH, 0U);
    std::map<int, std::vector<std::uint8_t>> found;
    for_each_attribute(after(message->payload, sizeof(rtmsg)), [&](const Attribute& attribute) {
        found[attribute.type].assign(attribute.payload.begin(), attribute.payload.end());
    });
    const std::map<int, std::vector<std::uint8_t>> expected{
        {RTA_DST, {198, 41, 0, 4}}, {RTA_SRC, {192, 0, 2, 1}}, {RTA_OIF, {7, 0, 0, 0}}};
    EXPECT_EQ(found, expected) << "on a little-endian machine";
}

} // namespace
} // namespace keeper::netlink
