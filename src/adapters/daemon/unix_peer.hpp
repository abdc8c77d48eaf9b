// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <sys/un.h>

#include "base/result.hpp"

namespace keeper {

/// The address of the socket at that path; an Error if the path is too long.
[[nodiscard]] Result<sockaddr_un> unix_address(const std::string& path);

/// Success if the process at the other end of the connected Unix socket ran as root or as this process's user
/// when it connected or began to listen, according to the kernel.
[[nodiscard]] Result<void> check_peer(int socket);

} // namespace keeper
