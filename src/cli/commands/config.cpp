// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "report/config_report.hpp"

namespace keeper::cli {

namespace {

ExitCode show_config(const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    env.console.print(global.json ? config_json(config) : config_text(config, env.console.out_colour()));
    return ExitCode::done;
}

} // namespace

Command make_config(CLI::App& program) {
    Command command(
        program,
        {.name = "config",
         .summary = "print the merged configuration with the source of each value",
         .details = R"(
The output is itself a valid configuration with the same meaning.

Exit codes: 0 done, 65 invalid configuration.

Examples:
  mptcp-keeper config
  mptcp-keeper --root /mnt config --json
)"},
        show_config);
    command.accepts_root = true;
    return command;
}

} // namespace keeper::cli
