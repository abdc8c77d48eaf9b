// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "adapters/network_manager/nm_objects.hpp"
#include "adapters/network_manager/system_bus.hpp"
#include "ports/profile_port.hpp"

namespace keeper {

/// ProfilePort::store() on NetworkManager's objects, which have been read. The changed ones must be read
/// again.
[[nodiscard]] std::vector<Result<void>> store_profiles(
    SystemBus& bus, NmObjects& objects, const std::vector<StoreRequest>& requests, Deadline deadline);

} // namespace keeper
