// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>

#include "adapters/network_manager/nm_objects.hpp"
#include "adapters/network_manager/system_bus.hpp"
#include "base/result.hpp"

namespace keeper {

/// Reads all of NetworkManager's objects that matter into `objects`. On failure, nothing counts as read.
/// ErrorKind::unavailable: NetworkManager is not running.
[[nodiscard]] Result<void> read_objects(SystemBus& bus, NmObjects& objects, Deadline deadline);

/// Reads the changed objects again, those that they refer to, and the applied connections of these devices
/// (paths). On failure, what is left to read stays in objects.changed.
[[nodiscard]] Result<void> read_changed_objects(
    SystemBus& bus, NmObjects& objects, const std::set<std::string>& devices, Deadline deadline);

} // namespace keeper
