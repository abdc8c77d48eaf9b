// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cerrno>

#include <unistd.h>

#include "base/result.hpp"

namespace keeper {

/// Whether NetworkManager is running or has run since boot: it creates this folder when it starts, and the
/// folder stays until reboot. Other errors than its absence count as yes.
[[nodiscard]] inline bool network_manager_has_run() {
    return ::access("/run/NetworkManager", F_OK) == 0 || errno != ENOENT;
}

/// Where the system message bus is, and the variable that names another place, also for sd-bus.
inline constexpr const char* system_bus_socket = "/run/dbus/system_bus_socket";
inline constexpr const char* system_bus_variable = "DBUS_SYSTEM_BUS_ADDRESS";

/// NetworkManager is not running.
[[nodiscard]] inline Error not_running() {
    return {
        ErrorKind::unavailable,
        "NetworkManager is not running; start it with `systemctl start NetworkManager`"};
}

} // namespace keeper
