// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace keeper::cli {

/// The whole program behind main(): parses the arguments (without the program's name), runs the command and
/// writes its result. Fails if the result cannot be written.
[[nodiscard]] ExitCode run_command_line(std::vector<std::string> arguments, Environment& env);

} // namespace keeper::cli
