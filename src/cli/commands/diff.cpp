// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/outcome.hpp"
#include "cli/preview.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

ExitCode diff(const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    Scope scope;
    scope.is_candidate = global.config.has_value();
    const Result<Plan> plan = preview(config, scope, global, env);
    if (!plan) {
        return give_up(plan.error(), global, env);
    }
    env.console.print(global.json ? diff_json(*plan) : plan_text(*plan, env.console.out_colour()));
    return verdict(*plan);
}

} // namespace

Command make_diff(CLI::App& program) {
    return Command(
        program,
        {.name = "diff",
         .summary = "show what apply would change, and its effect on connections",
         .details = R"(
Shows for each change how it is made, which file and line declare it, and its
effect on live connections. Read-only.

Exit codes: 0 in sync, 2 differs, 1 failed, 65 invalid configuration.

Examples:
  mptcp-keeper diff
  mptcp-keeper diff --config new.yaml --json
)"},
        diff);
}

} // namespace keeper::cli
