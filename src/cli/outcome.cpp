// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/outcome.hpp"

#include "plan/plan_warnings.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

ExitCode give_up(const Error& error, const GlobalOptions& global, Environment& env) {
    env.console.error(error.message);
    if (global.json) {
        env.console.print(error_json(error.message));
    }
    return exit_code_of(error);
}

ExitCode verdict(const Plan& plan) {
    if (plan.is_blind()) {
        return ExitCode::failed;
    }
    return plan.in_sync() ? ExitCode::done : ExitCode::differs;
}

void show_warnings(const std::vector<std::string>& warnings, Environment& env) {
    for (const std::string& warning : warnings) {
        env.console.warning(warning);
    }
}

void show_warnings(const ApplyReport& report, const GlobalOptions& global, Environment& env) {
    if (!global.json) {
        return show_warnings(report.warnings, env);
    }
    show_warnings(warnings_of(report), env);
    for (const std::string& failure : failures_of(report)) {
        env.console.error(failure);
    }
}

} // namespace keeper::cli
