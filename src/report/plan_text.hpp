// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"
#include "report/style.hpp"

namespace keeper {

/// The value as text: "120", "signal,subflow on enp1s0 id 5", "default"; "none" if there is none.
[[nodiscard]] std::string text_of(const Value& value);

/// What apply would change: for each item its values before and after, the declaring file, the means and the
/// impact on live connections; then a summary line.
[[nodiscard]] std::string plan_text(const Plan& plan, Colour colour);

/// What apply did to each item, and a summary line.
[[nodiscard]] std::string apply_text(const ApplyReport& report, Colour colour);

} // namespace keeper
