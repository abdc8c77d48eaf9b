// SPDX-License-Identifier: LGPL-2.1-or-later
// DiagConnections against real sockets; ss(8) is the oracle.
#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>

#include "adapters/kernel/diag_connections.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"

namespace keeper::contract {
namespace {

class ConnectionsInKernel : public KernelTest {
  protected:
    std::vector<Connection> connections() { return port_.connections().value(); }

    /// Waits until each connection has that many subflows, all established.
    bool all_have_subflows(std::size_t count) {
        return eventually([&] {
            const auto present = connections();
            return !present.empty() &&
                   std::all_of(present.begin(), present.end(), [&](const Connection& connection) {
                       return connection.subflows.size() == count &&
                              std::all_of(
                                  connection.subflows.begin(),
                                  connection.subflows.end(),
                                  [](const ConnectionSubflow& subflow) { return subflow.fully_established; });
                   });
        });
    }

    /// The connection whose initial subflow has this local address.
    Connection connection_from(const IpAddress& address, std::uint16_t other_port) {
        for (const Connection& connection : connections()) {
            for (const ConnectionSubflow& subflow : connection.subflows) {
                if (!subflow.join && subflow.local.address == address && subflow.remote.port == other_port) {
                    return connection;
                }
            }
        }
        ADD_FAILURE() << "no connection from " << to_string(address);
        return {};
    }

    static std::set<std::string> tokens_of_ss() {
        std::istringstream words(run("ss -MnHi"));
        std::set<std::string> tokens;
        for (std::string word; words >> word;) {
            if (word.starts_with("token:")) {
                tokens.insert(word.substr(6));
            }
        }
        return tokens;
    }

    DiagConnections port_;
};

std::string hex(std::uint32_t token) {
    char text[16];
    std::snprintf(text, sizeof(text), "%04x", token); // as ss prints it
    return text;
}

TEST_F(ConnectionsInKernel, ShowsNothingForTcpAndListeners) {
    const UniqueFd mptcp_listener = listen_on(key("192.0.2.1:4000"));
    const UniqueFd tcp_listener = listen_on(key("192.0.2.1:4001"), IPPROTO_TCP);
    const ConnectedPair tcp(tcp_listener, key("192.0.2.1"), key("192.0.2.1:4001"), IPPROTO_TCP);
    EXPECT_TRUE(connections().empty());
}

TEST_F(ConnectionsInKernel, ShowsBothEndsAndTheTokensOfSs) {
    const UniqueFd listener = listen_on(key("192.0.2.1:4000"));
    const ConnectedPair first(listener, key("192.0.2.1"), key("192.0.2.1:4000"));
    const ConnectedPair second(listener, key("192.0.2.2"), key("192.0.2.1:4000"));
    ASSERT_TRUE(all_have_subflows(1));
    std::set<std::string> tokens;
    for (const Connection& connection : connections()) {
        tokens.insert(hex(connection.token));
        EXPECT_FALSE(connection.fallback);
    }
    EXPECT_EQ(tokens.size(), 4U);
    EXPECT_EQ(tokens, tokens_of_ss());
}

TEST_F(ConnectionsInKernel, JoinsASecondSubflowToItsConnection) {
    run("ip mptcp limits set subflows 4 && ip mptcp endpoint add 192.0.2.2 subflow backup");
    const UniqueFd listener = listen_on(key("192.0.2.1:4000"));
    const ConnectedPair pair(listener, key("192.0.2.1"), key("192.0.2.1:4000"));
    ASSERT_TRUE(all_have_subflows(2));
    auto subflows = connection_from(key("192.0.2.1").address, 4000).subflows;
    ASSERT_EQ(subflows.size(), 2U);
    std::sort(subflows.begin(), subflows.end(), [](const auto& a, const auto& b) { return a.join < b.join; });
    EXPECT_EQ(subflows[0].remote, key("192.0.2.1:4000"));
    EXPECT_FALSE(subflows[0].join);
    EXPECT_FALSE(subflows[0].backup);
    EXPECT_EQ(subflows[1].local.address, key("192.0.2.2").address);
    EXPECT_EQ(subflows[1].remote, key("192.0.2.1:4000"));
    EXPECT_TRUE(subflows[1].join);
    EXPECT_TRUE(subflows[1].backup);
}

TEST_F(ConnectionsInKernel, ShowsIpv6AndMappedIpv4InTheirOwnForm) {
    const UniqueFd listener = listen_on(key("[::]:4000"));
    const ConnectedPair v6(listener, key("2001:db8::1"), key("[2001:db8::1]:4000"));
    const ConnectedPair v4(listener, key("192.0.2.2"), key("192.0.2.1:4000"));
    ASSERT_TRUE(all_have_subflows(1));
    std::multiset<std::string> locals;
    for (const Connection& connection : connections()) {
        locals.insert(to_string(connection.subflows.front().local.address));
    }
    EXPECT_EQ(locals, (std::multiset<std::string>{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::1"}));
}

TEST_F(ConnectionsInKernel, ReportsAFallbackToTcp) {
    const UniqueFd listener = listen_on(key("192.0.2.1:4000"), IPPROTO_TCP);
    const ConnectedPair pair(listener, key("192.0.2.1"), key("192.0.2.1:4000"));
    const auto present = connections();
    ASSERT_EQ(present.size(), 1U);
    EXPECT_TRUE(present.front().fallback);
}

TEST_F(ConnectionsInKernel, SeesManyConnections) {
    constexpr int count = 300;
    const UniqueFd listener = listen_on(key("192.0.2.1:4000"));
    std::vector<ConnectedPair> pairs;
    for (int i = 0; i < count; ++i) {
        pairs.emplace_back(listener, key("192.0.2.2"), key("192.0.2.1:4000"));
    }
    ASSERT_TRUE(all_have_subflows(1));
    EXPECT_EQ(connections().size(), std::size_t{2 * count});
    pairs.clear();
    EXPECT_TRUE(eventually([&] { return connections().empty(); }));
}

} // namespace
} // namespace keeper::contract
