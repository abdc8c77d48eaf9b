// SPDX-License-Identifier: LGPL-2.1-or-later
// parse_segment on packets as in RFC 793 and RFC 8684, and FlowWatch on those of the kernel.
#include <vector>

#include "adapters/doctor/flow_watch.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

namespace keeper::contract {
namespace {

using Packet = std::vector<std::uint8_t>;

const Packet mp_capable{30, 4, 0x01, 0x01};                          // a SYN's, version 1
const Packet mp_join{30, 12, 0x10, 1, 0, 0, 0, 1, 0, 0, 0, 2};       // a SYN's
const Packet maximum_segment{2, 4, 0x05, 0xb4};                      // also in a SYN
const Packet timestamp_aligned{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0}; // two NOPs align it

Packet joined(std::initializer_list<Packet> parts) {
    Packet all;
    for (const Packet& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// A TCP header from port 40000 to 443 with those flags and options, and its data.
Packet tcp(std::uint8_t flags, Packet options, std::size_t data = 0) {
    while (options.size() % 4 != 0) {
        options.push_back(0);
    }
    Packet header{0x9c, 0x40, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0, flags, 0xff, 0xff, 0, 0, 0, 0};
    header[12] = static_cast<std::uint8_t>((5 + options.size() / 4) << 4);
    return joined({header, options, Packet(data, 'x')});
}

Packet ipv4(const Packet& payload, std::uint8_t words = 5, std::uint8_t protocol = 6) {
    Packet header(std::size_t{words} * 4, 1); // options of one byte each: NOP
    const Packet fixed{0x40, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    std::copy(fixed.begin(), fixed.end(), header.begin());
    header[0] = static_cast<std::uint8_t>(0x40 | words);
    return joined({header, payload});
}

Packet ipv6(const Packet& payload, std::uint8_t next = 6) {
    Packet header(40, 0);
    header[0] = 0x60;
    header[6] = next;
    return joined({header, payload});
}

constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t syn_ack = 0x12;

TEST(ParseSegment, ReadsSynsOfBothFamilies) {
    const Segment expected{40000, 443, true, false, true, false};
    const Packet segment = tcp(syn, joined({maximum_segment, timestamp_aligned, mp_capable}));
    EXPECT_EQ(parse_segment(ipv4(segment)), expected);
    EXPECT_EQ(parse_segment(ipv4(segment, 8)), expected) << "with options of IPv4";
    EXPECT_EQ(parse_segment(ipv6(segment)), expected);
}

TEST(ParseSegment, DistinguishesMpCapableFromOtherOptions) {
    EXPECT_EQ(parse_segment(ipv4(tcp(syn_ack, mp_join))), (Segment{40000, 443, true, true, false, false}));
    EXPECT_EQ(parse_segment(ipv4(tcp(syn_ack, {}))), (Segment{40000, 443, true, true, false, false}));
    EXPECT_FALSE(parse_segment(ipv4(tcp(syn, joined({{0}, mp_capable}))))->mp_capable) << "after the end";
}

TEST(ParseSegment, DetectsAnOptionThatWasReplacedByPadding) {
    EXPECT_TRUE(parse_segment(ipv4(tcp(syn_ack, joined({maximum_segment, Packet(12, 1)}))))->padded);
    EXPECT_FALSE(parse_segment(ipv4(tcp(syn_ack, joined({timestamp_aligned, timestamp_aligned}))))->padded)
        << "padding that aligns";
}

TEST(ParseSegment, IgnoresOtherPackets) {
    const Packet segment = tcp(syn, mp_capable);
    EXPECT_EQ(parse_segment(ipv4(segment, 5, 17)), std::nullopt) << "UDP";
    EXPECT_EQ(parse_segment(ipv6(segment, 44)), std::nullopt) << "an extension header";
    Packet fragment = ipv4(segment);
    fragment[6] = 0x20; // more fragments
    EXPECT_EQ(parse_segment(fragment), std::nullopt);
    fragment[6] = 0;
    fragment[7] = 9; // not the first
    EXPECT_EQ(parse_segment(fragment), std::nullopt);
}

TEST(ParseSegment, SurvivesTruncatedAndMalformedPackets) {
    for (const Packet& whole : {ipv4(tcp(syn, mp_capable)), ipv6(tcp(syn, mp_capable))}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_EQ(parse_segment(std::span(whole).first(size)), std::nullopt) << size;
        }
    }
    for (int length = 0; length < 256; ++length) { // an option of any length, including 0 and too large
        const Packet segment = tcp(syn, {30, static_cast<std::uint8_t>(length), 0x01, 0x01});
        EXPECT_EQ(parse_segment(ipv4(segment))->mp_capable, length == 3 || length == 4) << length;
    }
    Packet words = ipv4(tcp(syn, mp_capable));
    words[0] = 0x40; // a header of length 0: there is no TCP header
    EXPECT_FALSE(parse_segment(words) && parse_segment(words)->mp_capable);
}

class FlowWatchInKernel : public KernelTest {};

/// The flow of a connection to a listener of that protocol, from its own port.
ProbeFact watched(const char* from, const char* to, int protocol) {
    auto watch = FlowWatch::create(key(from).port);
    EXPECT_TRUE(watch);
    const UniqueFd listener = listen_on(key(to), protocol);
    const ConnectedPair pair(listener, key(from), key(to));
    const ConnectedPair other(listener, key("127.0.0.1:40999"), key("127.0.0.1:5000"));
    ProbeFact probe;
    watch->collect(probe);
    return probe;
}

TEST_F(FlowWatchInKernel, SeesTheHandshakeOfItsOwnPort) {
    const ProbeFact mptcp = watched("127.0.0.1:40001", "127.0.0.1:5000", IPPROTO_MPTCP);
    EXPECT_EQ(mptcp.syn_with_option, 1);
    EXPECT_EQ(mptcp.syn_without_option, 0);
    EXPECT_TRUE(mptcp.synack_seen && mptcp.synack_with_option);
}

TEST_F(FlowWatchInKernel, SeesAPlainTcpAnswer) {
    const ProbeFact tcp = watched("127.0.0.1:40002", "127.0.0.1:5000", IPPROTO_TCP);
    EXPECT_EQ(tcp.syn_with_option, 1);
    EXPECT_TRUE(tcp.synack_seen);
    EXPECT_FALSE(tcp.synack_with_option || tcp.synack_padded);
}

} // namespace
} // namespace keeper::contract
