// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// The command line as --help shows it. The manual page and the shell completions are generated from it.
namespace keeper::cli {

struct OptionDescription {
    std::vector<std::string> names; ///< "-h" and "--help"; an argument has one name without dashes: "FILE"
    std::string value;              ///< the placeholder of its value: "FILE"; empty for a switch
    std::string help;
    std::vector<std::string> choices; ///< the values that it accepts; empty if it accepts any
    bool is_required = false;
    [[nodiscard]] bool is_argument() const { return !names.front().starts_with('-'); }
};

struct CommandDescription {
    std::string name;
    std::string summary;
    std::string details; ///< what --help shows below the options
    std::vector<OptionDescription> options;
};

struct ProgramDescription {
    std::vector<OptionDescription> options; ///< accepted before and after every command
    std::vector<CommandDescription> commands;
};

/// The values that options accept, by the long name of the option.
using Choices = std::map<std::string, std::vector<std::string>>;

/// Whether the program gives the option to itself only: it has an empty group, and no help mentions it.
[[nodiscard]] bool is_hidden(const CLI::Option& option);
[[nodiscard]] OptionDescription describe(const CLI::Option& option);
/// The options of the program or of a command, without the --help that CLI11 gives each command.
[[nodiscard]] std::vector<OptionDescription> describe_options(const CLI::App& app, const Choices& choices);

} // namespace keeper::cli
