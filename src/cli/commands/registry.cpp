// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands/registry.hpp"

namespace keeper::cli {

std::vector<Command> make_commands(CLI::App& program) {
    std::vector<Command> commands;
#define KEEPER_MAKE(NAME) commands.push_back(make_##NAME(program));
    KEEPER_COMMANDS(KEEPER_MAKE)
#undef KEEPER_MAKE
    return commands;
}

} // namespace keeper::cli
