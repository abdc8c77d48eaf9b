#pragma once

#include <string>

#include <sys/un.h>

#include "base/result.hpp"

namespace keeper {

/// The address of the socket in that folder; an Error where the path does not fit.
[[nodiscard]] Result<sockaddr_un> unix_address(const std::string& path);

/// Success where the process at the other end of the connected Unix socket, as the kernel knows it, was root
/// or this process's own user when it connected or began to listen.
[[nodiscard]] Result<void> check_peer(int socket);

} // namespace keeper
