// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>

#include "cli/description.hpp"
#include "cli/exit_code.hpp"
#include "cli/global_options.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace keeper::cli {

struct Environment;

/// What --help shows of a command.
struct CommandHelp {
    std::string name;
    std::string summary; ///< an imperative phrase without a full stop
    /// Shown below the options; a line break at the start is dropped. The manual page is generated from it:
    /// indented lines become examples.
    std::string details;
};

/// One command of the program: its CLI11 subcommand and the function that runs it.
struct Command {
    /// Prints its result and its messages to the console and returns the exit code. Called once, after the
    /// options have been parsed.
    using Run = std::function<ExitCode(const GlobalOptions&, Environment&)>;

    /// Registers the command with the program, which owns `app`; its options are added there.
    Command(CLI::App& program, const CommandHelp& help, Run function);

    CLI::App* app;
    Run run;
    bool accepts_root = false;   ///< works on an unbooted tree (--root)
    bool starts_program = false; ///< everything after its first argument belongs to another program
    Choices choices;             ///< for the shell completions
};

} // namespace keeper::cli
