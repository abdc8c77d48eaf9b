// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/daemon/unix_peer.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

#include "adapters/files/files.hpp"

namespace keeper {

Result<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return fail("cannot use " + path + " as a socket: the path is too long");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

Result<void> check_peer(int socket) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return fail(system_error("cannot identify the peer of the socket", errno));
    }
    if (peer.uid != 0 && peer.uid != ::geteuid()) {
        return fail(
            ErrorKind::not_permitted,
            "the peer of the socket is user " + std::to_string(peer.uid) + ", not root");
    }
    return {};
}

} // namespace keeper
