// SPDX-License-Identifier: LGPL-2.1-or-later
// The expected values of the captured datagrams are what ss printed for the sockets at the time.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "netlink/codec/sockets.hpp"
#include "support/captured_bytes.hpp"
#include "support/values.hpp"

namespace keeper {
namespace {

using netlink_test::captured;
using netlink_test::parse_datagram;
using test::key;

/// Nothing but what a plan goes by.
struct Outline {
    std::uint32_t token;
    SocketAddress local;
    SocketAddress remote;
    bool fully_established;
    bool join;
    bool backup;
    friend bool operator==(const Outline&, const Outline&) = default;
};

std::vector<Outline> subflows_in(const std::string& name) {
    std::vector<Outline> found;
    for (const auto& [token, inode, subflow] : parse_datagram(captured(name), netlink::parse_subflow)) {
        found.push_back(
            {token, subflow.local, subflow.remote, subflow.fully_established, subflow.join, subflow.backup});
    }
    return found;
}

TEST(SocketCodec, ReadsConnections) {
    const auto connections = parse_datagram(captured("mptcp-ipv4"), netlink::parse_connection);
    ASSERT_EQ(connections.size(), 1U);
    EXPECT_EQ(connections[0].token, 0xc494a71fU);
    EXPECT_EQ(connections[0].local, key("192.0.2.1:51799"));
    EXPECT_EQ(connections[0].remote, key("192.0.2.1:4000"));
    EXPECT_EQ(connections[0].state, SocketState::established);
    EXPECT_FALSE(connections[0].fallback);
    EXPECT_NE(connections[0].inode, 0U);
    const auto of_ipv6 = parse_datagram(captured("mptcp-ipv6"), netlink::parse_connection);
    ASSERT_EQ(of_ipv6.size(), 1U);
    EXPECT_EQ(of_ipv6[0].token, 0x317ddb62U);
    EXPECT_EQ(of_ipv6[0].remote, key("192.0.2.1:51799"));
}

TEST(SocketCodec, ReadsSubflows) {
    EXPECT_EQ(
        subflows_in("tcp-ipv4"),
        (std::vector<Outline>{
            {0xc494a71f, key("192.0.2.2:36765"), key("192.0.2.1:4000"), true, true, true},
            {0xc494a71f, key("192.0.2.1:51799"), key("192.0.2.1:4000"), true, false, false}}));
}

TEST(SocketCodec, ReadsWhichSideOpenedASubflow) {
    // The client's sockets are IPv4, the server's are IPv6 with mapped addresses.
    const auto clients = parse_datagram(captured("tcp-ipv4"), netlink::parse_subflow_sides);
    const auto servers = parse_datagram(captured("tcp-ipv6"), netlink::parse_subflow_sides);
    ASSERT_EQ(clients.size(), 2U);
    ASSERT_EQ(servers.size(), parse_datagram(captured("tcp-ipv6"), netlink::parse_subflow).size());
    for (const netlink::SidedSubflow& one : clients) {
        EXPECT_TRUE(one.opened_here) << to_string(one.local);
        for (const netlink::SidedSubflow& other : servers) {
            if (one.local == other.remote) {
                EXPECT_FALSE(other.opened_here) << to_string(other.local);
                EXPECT_EQ(one.backup_here, other.backup_there);
            }
        }
    }
}

TEST(SocketCodec, ShowsMappedAddressesAsIpv4) {
    EXPECT_EQ(
        subflows_in("tcp-ipv6"),
        (std::vector<Outline>{
            {0x317ddb62, key("192.0.2.1:4000"), key("192.0.2.1:51799"), true, false, false},
            {0x317ddb62, key("192.0.2.1:4000"), key("192.0.2.2:36765"), true, true, true}}));
}

TEST(SocketCodec, ReadsWhatASubflowCarried) {
    for (const OwnedSubflow& owned : parse_datagram(captured("tcp-ipv4"), netlink::parse_subflow)) {
        EXPECT_EQ(owned.subflow.state, SocketState::established);
        EXPECT_EQ(owned.subflow.local_id, owned.subflow.join ? 1 : 0);
        EXPECT_EQ(owned.subflow.remote_id, 0);
        EXPECT_EQ(owned.subflow.bytes_sent, owned.subflow.bytes_received);
        EXPECT_GT(owned.subflow.rtt_us, 0U);
    }
}

TEST(SubflowJoin, GivesSubflowsToTheirConnectionsTheInitialOneFirst) {
    auto connections = parse_datagram(captured("mptcp-ipv4"), netlink::parse_connection);
    const auto subflows = parse_datagram(captured("tcp-ipv4"), netlink::parse_subflow);
    ASSERT_TRUE(subflows.size() == 2 && subflows[0].subflow.join);
    join_subflows(connections, subflows);
    EXPECT_EQ(
        connections[0].subflows, (std::vector<ConnectionSubflow>{subflows[1].subflow, subflows[0].subflow}));
}

TEST(SubflowJoin, FindsTheSubflowOfAFallbackWithoutAToken) {
    Connection fallback;
    fallback.local = key("192.0.2.1:1");
    fallback.remote = key("192.0.2.9:2");
    fallback.fallback = true;
    Connection by_inode;
    by_inode.inode = 7;
    OwnedSubflow one;
    one.subflow.local = fallback.local;
    one.subflow.remote = fallback.remote;
    OwnedSubflow two;
    two.inode = 7;
    OwnedSubflow stranger;
    stranger.token = 99;
    std::vector<Connection> connections{fallback, by_inode};
    join_subflows(connections, {one, two, stranger});
    EXPECT_EQ(connections[0].subflows, (std::vector<ConnectionSubflow>{one.subflow}));
    EXPECT_EQ(connections[1].subflows, (std::vector<ConnectionSubflow>{two.subflow}));
}

} // namespace
} // namespace keeper
