// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands/registry.hpp"
#include "cli/environment.hpp"
#include "config/config.hpp"

namespace keeper::cli {

namespace {

ExitCode print_schema(const GlobalOptions&, Environment& env) {
    env.console.print(config_schema());
    return ExitCode::done;
}

} // namespace

Command make_schema(CLI::App& program) {
    Command command(
        program,
        {.name = "schema", .summary = "print the JSON Schema of the configuration", .details = R"(
For editors and pipelines (JSON Schema, draft 2020-12). The packages install it
as /usr/share/mptcp-keeper/schema.json.

Example:
  mptcp-keeper schema > mptcp-keeper.schema.json
)"},
        print_schema);
    command.accepts_root = true;
    return command;
}

} // namespace keeper::cli
