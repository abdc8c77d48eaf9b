// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/command.hpp"
#include "cli/description.hpp"
#include "cli/global_options.hpp"

namespace keeper::cli {

/// A command line with a command to run.
struct Invocation {
    GlobalOptions global;
    Command::Run run;
};
/// A command line that asks for the help or the version: the text for standard output.
struct Information {
    std::string text;
};
/// A command line that cannot be understood.
struct UsageError {
    std::string message;
    std::string help_command; ///< that shows what is possible
};
using CommandLine = std::variant<Invocation, Information, UsageError>;

/// Parses the arguments, without the program's name. Reads nothing else.
[[nodiscard]] CommandLine parse_command_line(std::vector<std::string> arguments, const std::string& version);

/// For the manual page and the shell completions.
[[nodiscard]] ProgramDescription describe_command_line();

} // namespace keeper::cli
