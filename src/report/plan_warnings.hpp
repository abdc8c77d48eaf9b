#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// Whether an item of that standing counts as in sync.
[[nodiscard]] bool is_in_sync(Standing standing);
/// What a person calls the item: "net.mptcp.enabled", "limit subflows", "endpoint 198.51.100.1",
/// "profile wan0".
[[nodiscard]] std::string title_of(const Change& change);
/// The plan's warnings, and one for each item that is not as declared and yet no change.
[[nodiscard]] std::vector<std::string> warnings_of(const Plan& plan);

} // namespace keeper
