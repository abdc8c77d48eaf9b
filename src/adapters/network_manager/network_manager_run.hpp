// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>

#include <unistd.h>

namespace keeper {

/// Whether NetworkManager is running or has run since boot: it creates this folder when it starts, and the
/// folder stays until reboot. Other errors than its absence count as yes.
[[nodiscard]] inline bool network_manager_has_run() {
    return ::access("/run/NetworkManager", F_OK) == 0 || errno != ENOENT;
}

} // namespace keeper
