// SPDX-License-Identifier: LGPL-2.1-or-later
// The expected values of the captured datagrams are what ip printed at the time.
#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include "netlink/codec/links.hpp"
#include "netlink/codec/path_manager.hpp"
#include "support/captured_bytes.hpp"
#include "support/values.hpp"

namespace keeper::netlink {
namespace {

using enum EndpointFlag;
using netlink_test::captured;
using netlink_test::Datagram;
using netlink_test::parse_datagram;

using test::key;

std::string hex(Bytes bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

Datagram unhex(const std::string& text) {
    Datagram bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

TEST(NetlinkAck, CarriesTheKernelsErrorAndMessage) {
    EXPECT_EQ(
        parse_datagram(captured("limits-refused"), parse_ack),
        (std::vector<Ack>{{EINVAL, "limit greater than maximum (8)"}}));
    EXPECT_EQ(
        parse_datagram(captured("endpoint-busy"), parse_ack),
        (std::vector<Ack>{{EBUSY, "too many addresses or duplicate one: -16"}}));
}

TEST(NetlinkAck, IsSuccessAtTheEndOfAnAnswer) {
    EXPECT_EQ(parse_datagram(captured("limits"), parse_ack), (std::vector<Ack>{{0, {}}}));
    EXPECT_EQ(parse_datagram(captured("endpoints"), parse_ack), (std::vector<Ack>{{0, {}}}));
}

TEST(NetlinkAck, FindsTheMessageAfterARepeatedRequest) {
    // Without NETLINK_CAP_ACK the kernel repeats the whole request, here 20 bytes, before its words, here
    // "no".
    const Datagram repeated = unhex("30000000020000020100000000000000"
                                    "ffffffff"
                                    "140000001c000500010000000000000006010000"
                                    "070001006e6f0000");
    EXPECT_EQ(parse_datagram(repeated, parse_ack), (std::vector<Ack>{{EPERM, "no"}}));
}

TEST(NetlinkAck, TreatsAnImpossibleCodeAsABadMessage) {
    const Datagram positive = unhex("0500000000000000");
    const Datagram lowest = unhex("00000080");
    EXPECT_EQ(parse_ack(Message{NLMSG_ERROR, 0, 1, positive}), (Ack{EBADMSG, {}}));
    EXPECT_EQ(parse_ack(Message{NLMSG_ERROR, 0, 1, lowest}), (Ack{EBADMSG, {}}));
    EXPECT_EQ(parse_ack(Message{NLMSG_ERROR, 0, 1, {}}), (Ack{EBADMSG, {}}));
    EXPECT_EQ(parse_ack(Message{NLMSG_DONE, 0, 1, {}}), (Ack{0, {}}));
}

TEST(PathManagerCodec, ReadsTheFamily) {
    EXPECT_EQ(parse_datagram(captured("family"), parse_family), (std::vector<FamilyId>{{28}}));
}

TEST(PathManagerCodec, ReadsTheLimits) {
    EXPECT_EQ(parse_datagram(captured("limits"), parse_limits), (std::vector<Limits>{{3, 1}}));
}

TEST(PathManagerCodec, ReadsEndpoints) {
    EXPECT_EQ(
        parse_datagram(captured("endpoints"), parse_endpoint),
        (std::vector<Endpoint>{
            {key("192.0.2.2"), {subflow, backup}, Ifindex{3}, EndpointId{1}},
            {key("192.0.2.1:4000"), {signal}, {}, EndpointId{2}},
            {key("2001:db8::1"), {signal}, {}, EndpointId{200}}}));
}

TEST(PathManagerCodec, WritesRequests) {
    const FamilyId family{28};
    EXPECT_EQ(hex(limits_request(family).finish(1)), "140000001c000100010000000000000006010000");
    EXPECT_EQ(
        hex(set_limits_request(family, {100, 1}).finish(1)),
        "240000001c00010001000000000000000501000008000200010000000800030064000000");
    EXPECT_EQ(
        hex(set_limits_request(family, {std::nullopt, 1}).finish(1)),
        "1c0000001c0001000100000000000000050100000800020001000000");
    EXPECT_EQ(hex(endpoints_request(family).finish(1)), "140000001c000103010000000000000003010000");
    EXPECT_EQ(
        hex(add_endpoint_request(family, {key("192.0.2.5"), {signal}, {}, EndpointId{200}}).finish(1)),
        "380000001c000100010000000000000001010000"
        "24000180060001000200000008000300c000020505000200c80000000800060001000000");
    EXPECT_EQ(
        hex(remove_endpoint_request(family, EndpointId{200}).finish(1)),
        "200000001c0001000100000000000000020100000c00018005000200c8000000");
}

TEST(PathManagerCodec, LeavesOutAnIdThatTheKernelChooses) {
    Request request = add_endpoint_request(FamilyId{28}, {key("192.0.2.5"), {signal}, {}, {}});
    EXPECT_EQ(hex(request.finish(1)).find("05000200"), std::string::npos);
}

TEST(PathManagerCodec, RequestsOnlyFlagsThatSetFlagsCanChange) {
    Request request = set_flags_request(
        FamilyId{28}, {key("192.0.2.2"), EndpointFlags::from_raw(0xff), Ifindex{3}, EndpointId{1}});
    EXPECT_EQ(
        hex(request.finish(1)),
        "380000001c000100010000000000000007010000"
        "24000180060001000200000008000300c00002020500020001000000080006000c000000");
}

TEST(PathManagerCodec, SkipsAnEndpointWhoseAddressHasTheWrongLength) {
    // Family IPv6, but an address of four bytes.
    const Datagram payload = unhex("030100001c000180060001000a00000008000400c00002020500020001000000");
    EXPECT_EQ(parse_endpoint(Message{28, 0, 1, payload}), std::nullopt);
}

TEST(LinkCodec, ReadsInterfaces) {
    EXPECT_EQ(
        parse_datagram(captured("links"), parse_link),
        (std::vector<Link>{
            {.ifindex = Ifindex{1},
             .name = "lo",
             .alternative_names = {},
             .up = true,
             .carrier = true,
             .addresses = {}},
            {.ifindex = Ifindex{2},
             .name = "test1",
             .alternative_names = {},
             .up = true,
             .carrier = true,
             .addresses = {}},
            {.ifindex = Ifindex{3},
             .name = "test0",
             .alternative_names = {},
             .up = true,
             .carrier = true,
             .addresses = {}}}));
}

TEST(LinkCodec, ReadsTheKindAndTheLowerInterface) {
    EXPECT_EQ(
        parse_datagram(captured("links"), parse_link_kind),
        (std::vector<LinkKindInfo>{
            {Ifindex{1}, "", {}}, {Ifindex{2}, "veth", Ifindex{3}}, {Ifindex{3}, "veth", Ifindex{2}}}));
    // A veth whose other end, number 9, is in another network namespace (IFLA_LINK_NETNSID).
    const Datagram elsewhere = unhex("00000100070000004300010000000000"
                                     "0800050009000000"
                                     "0800250000000000"
                                     "10001200090001007665746800000000");
    EXPECT_EQ(parse_link_kind(Message{16, 0, 1, elsewhere}), (LinkKindInfo{Ifindex{7}, "veth", {}}));
}

TEST(LinkCodec, ReadsAddresses) {
    const auto found = parse_datagram(captured("addresses"), parse_address);
    ASSERT_EQ(found.size(), 9U);
    LinkAddress loopback{key("127.0.0.1").address};
    loopback.scope = 254;
    EXPECT_EQ(found[0], (InterfaceAddress{Ifindex{1}, loopback}));
    // The local end of a point-to-point address; the peer is 192.0.2.10.
    EXPECT_EQ(found[1], (InterfaceAddress{Ifindex{2}, LinkAddress{key("192.0.2.9").address}}));
    // Secondary, which shares its bit with IPv6's temporary.
    EXPECT_EQ(found[4], (InterfaceAddress{Ifindex{3}, LinkAddress{key("192.0.2.2").address}}));
    LinkAddress tentative{key("2001:db8::1").address};
    tentative.tentative = true;
    EXPECT_EQ(found[7], (InterfaceAddress{Ifindex{3}, tentative}));
}

TEST(LinkCodec, ReadsFlagsOfIpv6Addresses) {
    const auto with_flags = [](const std::string& flags) {
        // Interface 3, fd00::1/64, and IFA_FLAGS.
        const Datagram payload = unhex(
            "0a40000003000000"
            "14000100fd000000000000000000000000000001"
            "08000800" +
            flags);
        return parse_address(Message{20, 0, 1, payload}).value().address;
    };
    EXPECT_TRUE(with_flags("01000000").temporary);
    EXPECT_TRUE(with_flags("01000000").dynamic);
    EXPECT_FALSE(with_flags("80000000").dynamic);
    EXPECT_TRUE(with_flags("c8000000").dad_failed);
    EXPECT_TRUE(with_flags("c0000000").tentative);
    EXPECT_FALSE(with_flags("c4000000").tentative) << "optimistic: usable while detection runs";
}

TEST(LinkCodec, FindsDefaultRoutesAmongAll) {
    EXPECT_EQ(
        parse_datagram(captured("routes"), parse_default_route),
        (std::vector<DefaultRoute>{
            {Family::ipv4, {Ifindex{3}}},
            {Family::ipv4, {Ifindex{3}, Ifindex{2}}},
            {Family::ipv6, {Ifindex{3}}}}));
}

TEST(LinkCodec, FindsRoutesByWayOfAGateway) {
    const auto found = parse_datagram(captured("routes"), parse_gateway_route);
    EXPECT_NE(std::find(found.begin(), found.end(), GatewayRoute{Family::ipv4, {Ifindex{3}}}), found.end());
}

TEST(LinkCodec, AssemblesInTheOrderOfTheIndexAndDropsStrangers) {
    const LinkAddress address{key("192.0.2.1").address};
    Link a{.ifindex = Ifindex{2}, .name = "a", .alternative_names = {}, .addresses = {}};
    Link b{.ifindex = Ifindex{5}, .name = "b", .alternative_names = {}, .addresses = {}};
    const auto assembled = assemble_links(
        {b, a},
        {{Ifindex{5}, address}, {Ifindex{9}, address}},
        {{Family::ipv4, {Ifindex{2}, Ifindex{9}}}, {Family::ipv6, {Ifindex{5}}}});
    a.default_route_v4 = true;
    b.default_route_v6 = true;
    b.addresses = {address};
    EXPECT_EQ(assembled, (std::vector<Link>{a, b}));
}

} // namespace
} // namespace keeper::netlink
