// SPDX-License-Identifier: LGPL-2.1-or-later
// list_listeners() against real sockets.
#include "adapters/kernel/diag_listeners.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

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

std::uint64_t inode_of(const UniqueFd& socket) {
    struct stat status {};
    EXPECT_EQ(::fstat(socket.get(), &status), 0);
    return status.st_ino;
}

TEST_F(ListenersInKernel, HaveTheInodesOfTheirDescriptors) {
    const UniqueFd tcp = listen_on(key("192.0.2.1:4002"), IPPROTO_TCP);
    const UniqueFd unused(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const std::set<std::uint64_t> found = list_listener_inodes();
    EXPECT_EQ(found.count(inode_of(tcp)), 1U);
    EXPECT_EQ(found.count(inode_of(unused)), 0U);
}

} // namespace
} // namespace keeper::contract
