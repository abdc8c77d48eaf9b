// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands/registry.hpp"

#include <algorithm>

namespace keeper::cli {

std::vector<Command> make_commands(CLI::App& program, const std::vector<std::string>& names) {
    std::vector<Command> commands;
#define KEEPER_MAKE(NAME)                                                                                    \
    if (std::find(names.begin(), names.end(), #NAME) != names.end()) {                                       \
        commands.push_back(make_##NAME(program));                                                            \
    }
    KEEPER_COMMANDS(KEEPER_MAKE)
#undef KEEPER_MAKE
    return commands;
}

const std::vector<std::string>& command_names() {
#define KEEPER_NAME(NAME) #NAME,
    static const std::vector<std::string> names{KEEPER_COMMANDS(KEEPER_NAME)};
#undef KEEPER_NAME
    return names;
}

} // namespace keeper::cli
