// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>
#include <sys/un.h>

#include "base/result.hpp"

namespace keeper {

/// The address of the socket at that path; an Error if the path is too long.
[[nodiscard]] Result<sockaddr_un> unix_address(const std::string& path);

/// Success if the process at the other end of the connected Unix socket ran as root, as this process's user
/// or in the group `service` when it connected or began to listen, according to the kernel.
[[nodiscard]] Result<void> check_peer(int socket, std::optional<gid_t> service = std::nullopt);

/// The group that root has permitted to run the daemon: that of the folder, if root owns it, the group may
/// write to it, and others may not, nor may the group remove what is root's. std::nullopt if only root may.
[[nodiscard]] std::optional<gid_t> service_group(const std::string& folder);

} // namespace keeper
