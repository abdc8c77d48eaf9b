// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/wall_time.hpp"
#include "config/config.hpp"
#include "model/pending_try.hpp"
#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// The `diff` document: what apply would change, and what it cannot. Deferred and unsupported items are in
/// sync, and therefore warnings, not changes.
[[nodiscard]] std::string diff_json(const Plan& plan);
/// The `apply` document.
[[nodiscard]] std::string apply_json(const ApplyReport& report);
/// How a try stands, for reports.
struct TryReport {
    bool pending = false;
    std::optional<WallTime> deadline; ///< while it is pending
    std::string file;                 ///< empty: the files on disk
    std::optional<TryOutcome> outcome;
};
/// The document of `try`, `confirm` and `revert`: that of `apply`, and the try.
[[nodiscard]] std::string try_json(const ApplyReport& report, const TryReport& shown);
/// The `apply` document of a dry run: nothing changed and nothing failed. The result of a change that would
/// be tried is null; of one that cannot be applied it is "failed", with the reason.
[[nodiscard]] std::string dry_run_json(const Plan& plan);
/// The `check` document. Its "config" is null if the configuration is invalid; its "loaded_hash" is null,
/// since `check` does not depend on a daemon.
[[nodiscard]] std::string check_json(const LoadedConfig& config);
/// {"error": {"message"}}: the document of a command that failed before it had any result.
[[nodiscard]] std::string error_json(std::string_view message);

/// One of these documents on one line; "" for an empty text.
[[nodiscard]] std::string to_line(const std::string& document);

} // namespace keeper
