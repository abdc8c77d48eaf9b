// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/change_permission.hpp"
#include "cli/commands/registry.hpp"
#include "cli/outcome.hpp"
#include "engine/hand_over.hpp"
#include "engine/trial.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

ExitCode reset(const GlobalOptions& global, Environment& env) {
    const auto lock = lock_for_change(env);
    if (!lock) {
        return give_up(lock.error(), global, env);
    }
    if (const auto none = require_no_try(env.tries, env.ports.clock); !none) {
        return give_up(none.error(), global, env);
    }
    if (const auto refusal = conflict_with_daemon(env.daemon, "run `systemctl stop mptcp-keeper` first")) {
        return give_up(*refusal, global, env);
    }
    const Result<ApplyReport> report = env.engine.reset();
    if (!report) {
        return give_up(report.error(), global, env);
    }
    show_warnings(*report, global, env);
    env.console.print(global.json ? apply_json(*report) : apply_text(*report, env.console.out_colour()));
    return report->failed || !report->verified ? ExitCode::failed : ExitCode::done;
}

} // namespace

Command make_reset(CLI::App& program) {
    return Command(
        program,
        {.name = "reset", .summary = "restore the settings from before mptcp-keeper", .details = R"(
Sysctls, limits and profiles get the values that they had before mptcp-keeper
first changed them; endpoints that it added are removed. Needs no configuration.

Exit codes: 0 done, 1 something failed, 77 not permitted.
)"},
        reset);
}

} // namespace keeper::cli
