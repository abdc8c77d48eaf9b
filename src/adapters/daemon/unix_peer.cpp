// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/daemon/unix_peer.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
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

Result<void> check_peer(int socket, std::optional<gid_t> service) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return fail(system_error("cannot identify the peer of the socket", errno));
    }
    if (peer.uid != 0 && peer.uid != ::geteuid() && peer.gid != service) {
        return fail(
            ErrorKind::not_permitted,
            "the peer of the socket is user " + std::to_string(peer.uid) + ", not root");
    }
    return {};
}

std::optional<gid_t> service_group(const std::string& folder) {
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != 0) {
        return std::nullopt;
    }
    constexpr mode_t examined = S_ISVTX | S_IWGRP | S_IWOTH;
    const bool is_for_group = status.st_gid != 0 && (status.st_mode & examined) == (S_ISVTX | S_IWGRP);
    return is_for_group ? std::optional<gid_t>(status.st_gid) : std::nullopt;
}

} // namespace keeper
