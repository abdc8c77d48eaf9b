// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/bpf/hook_probe.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "adapters/files/unique_fd.hpp"

namespace keeper {

bool answers_probe(int probe) {
    const UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, probe));
    int protocol = -1;
    socklen_t length = sizeof(protocol);
    return socket && ::getsockopt(socket.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 &&
           protocol == NETLINK_USERSOCK;
}

} // namespace keeper
