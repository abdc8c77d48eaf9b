#pragma once

#include <optional>
#include <string>

#include "plan/planner.hpp"

namespace keeper::planner {

/// Why an endpoint must be left as it is for now.
struct Doubt {
    std::string reason; ///< a sentence for a person
    /// deferred where NetworkManager will answer later, blocked where something could not be read.
    Standing standing = Standing::deferred;
};

/// Whether the endpoint may be one that NetworkManager made, and that cannot be told now: it has a device and
/// no port, and NetworkManager is not running, starting, activating the device, or was not asked. Nothing
/// where it is known whose it is, or where NetworkManager cannot have made it: it has not run since the boot,
/// or the address was configured by another program.
[[nodiscard]] std::optional<Doubt> doubt_about(const Input& input, const Endpoint& existing);

} // namespace keeper::planner
