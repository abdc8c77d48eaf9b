#pragma once

#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// The command line as --help tells it, for the manual and the shells' completions, which are made from it.
namespace keeper::cli {

struct OptionDescription {
    std::vector<std::string> names; ///< "-h" and "--help"; for an argument one without dashes: "FILE"
    std::string value;              ///< what stands behind it: "FILE"; empty for a switch
    std::string help;
    std::vector<std::string> choices; ///< the words that it takes; empty where it takes others
    bool is_required = false;
    [[nodiscard]] bool is_argument() const { return !names.front().starts_with('-'); }
};

struct CommandDescription {
    std::string name;
    std::string summary; ///< half a sentence
    std::string details; ///< what --help says below the options
    std::vector<OptionDescription> options;
};

struct ProgramDescription {
    std::vector<OptionDescription> options; ///< those that stand before or after any command
    std::vector<CommandDescription> commands;
};

/// The words that options take, by the option's long name.
using Choices = std::map<std::string, std::vector<std::string>>;

[[nodiscard]] OptionDescription describe(const CLI::Option& option);
[[nodiscard]] ProgramDescription describe(const CLI::App& app, const Choices& choices);
[[nodiscard]] ProgramDescription describe_command_line();

} // namespace keeper::cli
