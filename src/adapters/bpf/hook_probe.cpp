// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/bpf/hook_probe.hpp"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"

namespace keeper {

namespace {

constexpr int mptcp_protocol = 262; // IPPROTO_MPTCP; Debian 12's netinet/in.h lacks it on some ports

/// Not socket(3): libmptcpwrap replaces that, and may be preloaded into this process.
UniqueFd plain_socket(int family, int type, int protocol) {
    return UniqueFd(static_cast<int>(::syscall(SYS_socket, family, type | SOCK_CLOEXEC, protocol)));
}

/// The protocol that a new socket has in the end; 0 if the kernel refused it.
int protocol_of(const UniqueFd& socket) {
    int protocol = 0;
    socklen_t size = sizeof(protocol);
    const bool is_known =
        socket && ::getsockopt(socket.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0;
    return is_known ? protocol : 0;
}

} // namespace

bool are_new_sockets_mptcp() {
    return protocol_of(plain_socket(AF_INET, SOCK_STREAM, 0)) == mptcp_protocol;
}

bool is_hook_attached(int probe) {
    return protocol_of(plain_socket(AF_NETLINK, SOCK_RAW, probe)) == NETLINK_USERSOCK;
}

} // namespace keeper
