// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/command.hpp"

#include <utility>

#include <CLI/CLI.hpp>

namespace keeper::cli {

Command::Command(CLI::App& program, const CommandHelp& help, Run function)
    : app(program.add_subcommand(help.name, help.summary)), run(std::move(function)) {
    app->footer(help.details.substr(help.details.starts_with('\n') ? 1 : 0));
    app->fallthrough(); // global options are accepted after the command, too
}

} // namespace keeper::cli
