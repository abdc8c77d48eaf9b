// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// The plan's warnings, and one for each item that is not as declared and not actionable.
[[nodiscard]] std::vector<std::string> warnings_of(const Plan& plan);
/// The report's warnings, and one for each item that is deferred or unsupported.
[[nodiscard]] std::vector<std::string> warnings_of(const ApplyReport& report);
/// One message for each item that failed.
[[nodiscard]] std::vector<std::string> failures_of(const ApplyReport& report);

} // namespace keeper
