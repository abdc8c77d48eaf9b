// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/hook_probe.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/files/unique_fd.hpp"
#include "applications/hook_request.hpp"

namespace keeper {

namespace {

constexpr int mptcp_protocol = 262; // IPPROTO_MPTCP; Debian 12's netinet/in.h lacks it on some ports

/// Not socket(3): libmptcpwrap replaces that, and may be preloaded into this process.
UniqueFd plain_socket(int family, int type, int protocol) {
    return UniqueFd(static_cast<int>(::syscall(SYS_socket, family, type | SOCK_CLOEXEC, protocol)));
}

} // namespace

bool are_new_sockets_mptcp() {
    const UniqueFd socket = plain_socket(AF_INET, SOCK_STREAM, 0);
    int protocol = 0;
    socklen_t size = sizeof(protocol);
    return socket && ::getsockopt(socket.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
           protocol == mptcp_protocol;
}

bool is_hook_attached() {
    return static_cast<bool>(plain_socket(AF_NETLINK, SOCK_RAW, any_probe));
}

} // namespace keeper
