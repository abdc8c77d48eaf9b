// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/global_options.hpp"
#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

/// How commands end, and what they print to standard error before.
namespace keeper::cli {

/// Ends a command that failed with this error.
[[nodiscard]] ExitCode give_up(const Error& error, const GlobalOptions& global, Environment& env);

/// The exit code of a command that compares and changes nothing: 0 in sync, 2 differs, 1 if that is unknown.
[[nodiscard]] ExitCode verdict(const Plan& plan);

void show_warnings(const std::vector<std::string>& warnings, Environment& env);
/// The warnings of an apply. With --json also each item that was deferred, is unsupported or failed, which
/// the text output contains anyway.
void show_warnings(const ApplyReport& report, const GlobalOptions& global, Environment& env);

} // namespace keeper::cli
