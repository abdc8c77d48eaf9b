#pragma once

#include <string>
#include <vector>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// Whether an item of that standing counts as in sync.
[[nodiscard]] bool is_in_sync(Standing standing);
/// What a person calls the item: "net.mptcp.enabled", "limit subflows", "endpoint 198.51.100.1",
/// "profile wan0".
[[nodiscard]] std::string title_of(const Change& change);
/// The plan's warnings, and one for each item that is not as declared and yet no change.
[[nodiscard]] std::vector<std::string> warnings_of(const Plan& plan);
/// The report's warnings, and one for each item that waits or that this host is too old for.
[[nodiscard]] std::vector<std::string> warnings_of(const ApplyReport& report);
/// What failed and why, one text an item.
[[nodiscard]] std::vector<std::string> failures_of(const ApplyReport& report);

} // namespace keeper
