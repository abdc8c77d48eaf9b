// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "plan/planner.hpp"

namespace keeper::planner {

/// Why an endpoint must not be changed for now.
struct Doubt {
    std::string reason; ///< for a message
    /// deferred if NetworkManager will answer later, blocked if something could not be read.
    Actionability actionability = Actionability::deferred;
};

/// Whether it is unknown if NetworkManager created the endpoint: it has a device and no port, and
/// NetworkManager is not running, is starting, is activating the device, or was not queried. std::nullopt if
/// its owner is known, or if NetworkManager cannot have created it: it has not run since boot, or another
/// program configured the address.
[[nodiscard]] std::optional<Doubt> doubt_about(const Input& input, const Endpoint& existing);

} // namespace keeper::planner
