// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

/// The commands, in the order in which --help lists them. Each is in the file of its name: its options, its
/// help, and the function that runs it. make_NAME() in NAME.cpp registers it.
#define KEEPER_COMMANDS(COMMAND)                                                                             \
    COMMAND(check)                                                                                           \
    COMMAND(diff)                                                                                            \
    COMMAND(apply)                                                                                           \
    COMMAND(try)                                                                                             \
    COMMAND(confirm)                                                                                         \
    COMMAND(revert)                                                                                          \
    COMMAND(status)                                                                                          \
    COMMAND(reset)                                                                                           \
    COMMAND(monitor)                                                                                         \
    COMMAND(connections)                                                                                     \
    COMMAND(doctor)                                                                                          \
    COMMAND(export)                                                                                          \
    COMMAND(run)                                                                                             \
    COMMAND(config)                                                                                          \
    COMMAND(schema)                                                                                          \
    COMMAND(metrics)                                                                                         \
    COMMAND(daemon)

namespace keeper::cli {

#define KEEPER_DECLARE(NAME) [[nodiscard]] Command make_##NAME(CLI::App& program);
KEEPER_COMMANDS(KEEPER_DECLARE)
#undef KEEPER_DECLARE

/// Registers the commands with these names with the program, in the order of --help.
[[nodiscard]] std::vector<Command> make_commands(CLI::App& program, const std::vector<std::string>& names);

/// The names of all commands.
[[nodiscard]] const std::vector<std::string>& command_names();

} // namespace keeper::cli
