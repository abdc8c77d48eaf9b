#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// The `diff` document: what apply would change, and what it could not. What waits for something outside or
/// is not supported here is in sync, and so a warning and no change.
[[nodiscard]] std::string diff_json(const Plan& plan);
/// The `apply` document.
[[nodiscard]] std::string apply_json(const ApplyReport& report);
/// The `apply` document of a dry run: nothing changed and nothing failed. The result of a change that would
/// be tried is null; of one that cannot be done it is "failed", with the reason.
[[nodiscard]] std::string dry_run_json(const Plan& plan);
/// The `check` document.
[[nodiscard]] std::string check_json(const LoadedConfig& config);
/// {"error": {"message"}}: what standard output holds where a command could not do its work at all.
[[nodiscard]] std::string error_json(std::string_view message);

} // namespace keeper
