// SPDX-License-Identifier: LGPL-2.1-or-later
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/registry.hpp"
#include "cli/outcome.hpp"
#include "cli/trial.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

constexpr std::chrono::seconds pause_after_failure{5};

ExitCode revert(const GlobalOptions& global, Environment& env) {
    const auto report = make_trial(env).revert();
    if (!report) {
        return give_up(report.error(), global, env);
    }
    show_warnings(*report, global, env);
    const bool is_restored = !report->failed && report->verified;
    const TryReport shown{
        .pending = !is_restored,
        .deadline = {},
        .file = {},
        .outcome = is_restored ? std::optional(TryOutcome::reverted) : std::nullopt};
    env.console.print(global.json ? try_json(*report, shown) : apply_text(*report, env.console.out_colour()));
    return is_restored ? ExitCode::done : ExitCode::failed;
}

/// Run by the process that holds the clock: waits for the end of the try, and reverts it at the deadline, if
/// it is told to stop, or if another process has begun to revert and not finished. Not being able to is no
/// reason to give up.
ExitCode revert_at_deadline(const GlobalOptions& global, Environment& env) {
    const auto wait = env.open_try_wait();
    if (!wait) {
        return give_up(wait.error(), global, env);
    }
    bool is_told_to_stop = false;
    for (;;) {
        const auto pending = env.tries.load();
        if (!pending) {
            return give_up(pending.error(), global, env); // the service manager restarts it
        }
        if (!*pending) {
            return ExitCode::done;
        }
        const auto now = env.ports.clock.since_boot();
        const bool is_over = (*pending)->deadline <= now || (*pending)->phase == TryPhase::reverting;
        auto next = (*pending)->deadline;
        if (is_over || is_told_to_stop) {
            const ExitCode code = revert(global, env);
            static_cast<void>(env.console.finish());
            if (is_told_to_stop) {
                return code;
            }
            next = env.ports.clock.since_boot() + pause_after_failure;
        }
        is_told_to_stop = (*wait)->wait(next).stop;
    }
}

} // namespace

Command make_revert(CLI::App& program) {
    const auto at_deadline = std::make_shared<bool>(false);
    Command command(
        program,
        {.name = "revert", .summary = "end a try now and restore the host", .details = R"(
Takes back what `mptcp-keeper try` has applied, without waiting for the
deadline. The daemon enforces the earlier configuration again.

Exit codes: 0 restored, 1 no try is pending or something could not be restored,
77 not permitted.
)"},
        [at_deadline](const GlobalOptions& global, Environment& env) {
            return *at_deadline ? revert_at_deadline(global, env) : revert(global, env);
        });
    // For the process that holds the clock; an empty group hides it.
    command.app->add_flag("--at-deadline", *at_deadline)->group("");
    return command;
}

} // namespace keeper::cli
