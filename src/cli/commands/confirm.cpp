// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands/registry.hpp"
#include "cli/outcome.hpp"
#include "cli/trial.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

ExitCode confirm(const GlobalOptions& global, Environment& env) {
    const auto confirmed = make_trial(env).confirm();
    if (!confirmed) {
        return give_up(confirmed.error(), global, env);
    }
    warn_of_missing_installation(*confirmed, env);
    if (global.json) {
        ApplyReport nothing_changed;
        nothing_changed.verified = true;
        env.console.print(try_json(
            nothing_changed,
            {.pending = false, .deadline = {}, .file = confirmed->file, .outcome = TryOutcome::confirmed}));
    } else {
        env.console.print("confirmed: the configuration stays in force\n");
    }
    return ExitCode::done;
}

} // namespace

Command make_confirm(CLI::App& program) {
    return Command(
        program,
        {.name = "confirm", .summary = "keep the configuration that is being tried", .details = R"(
Ends a try before its deadline: the configuration stays in force. If it came
from a FILE that is not installed, the command that installs it is printed.

Exit codes: 0 confirmed, 1 no try is pending or its deadline has passed, 77 not
permitted.
)"},
        confirm);
}

} // namespace keeper::cli
