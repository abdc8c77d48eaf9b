// SPDX-License-Identifier: LGPL-2.1-or-later
// list_listeners() against real sockets.
#include "adapters/kernel/diag_listeners.hpp"
#include "contract/mptcp_sockets.hpp"
#include "contract/network_namespace.hpp"

namespace keeper::contract {
namespace {

class ListenersInKernel : public KernelTest {};

TEST_F(ListenersInKernel, AreListedByAddressAndProtocol) {
    EXPECT_EQ(list_listeners().value(), Listeners{});
    const UniqueFd one = listen_on(key("192.0.2.1:4000"));
    const UniqueFd two = listen_on(key("[::]:4001"));
    const UniqueFd tcp = listen_on(key("192.0.2.1:4002"), IPPROTO_TCP);
    const ConnectedPair connection(one, key("192.0.2.1"), key("192.0.2.1:4000"));
    const Listeners found = list_listeners().value();
    EXPECT_EQ(found.mptcp, (std::set<SocketAddress>{key("192.0.2.1:4000"), key("[::]:4001")}));
    EXPECT_EQ(
        found.tcp, (std::set<SocketAddress>{key("192.0.2.1:4000"), key("[::]:4001"), key("192.0.2.1:4002")}));
}

} // namespace
} // namespace keeper::contract
