// SPDX-License-Identifier: LGPL-2.1-or-later
#include "manual/completions.hpp"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text/join.hpp"
#include "base/text/shell_word.hpp"

namespace keeper::manual {

namespace {

using cli::CommandDescription;
using cli::OptionDescription;
using cli::ProgramDescription;

std::vector<std::string> command_names(const ProgramDescription& program) {
    std::vector<std::string> names;
    for (const CommandDescription& command : program.commands) {
        names.push_back(command.name);
    }
    return names;
}

/// "--watch" and "--interval"; arguments have none.
std::vector<std::string> long_names(const std::vector<OptionDescription>& options) {
    std::vector<std::string> names;
    for (const OptionDescription& option : options) {
        if (!option.is_argument()) {
            names.push_back(option.names.back());
        }
    }
    return names;
}

/// How each shell completes the value of an option. An empty text: any value is accepted, none is offered.
struct ValueSource {
    const char* bash; ///< arguments of compgen
    const char* zsh;  ///< an action of _arguments
    const char* fish; ///< options of complete
};

ValueSource source_of(const std::string& value, const std::string& option) {
    static const std::map<std::string, ValueSource> sources{
        {"FILE", {"-f", "_files", "-r -F"}},
        {"DIR", {"-d", "_files -/", "-x -a '(__fish_complete_directories)'"}},
        {"HOST:PORT", {"-A hostname", "_hosts", "-x -a '(__fish_print_hostnames)'"}},
        {"--pid", {"", "_pids", "-x -a '(__fish_complete_pids)'"}},
    };
    const auto by_value = sources.find(value);
    const auto found = by_value == sources.end() ? sources.find(option) : by_value;
    return found == sources.end() ? ValueSource{"", " ", "-x"} : found->second;
}

// bash

std::string bash_value(const OptionDescription& option) {
    const ValueSource source = source_of(option.value, option.names.back());
    const std::string arguments =
        option.choices.empty() ? source.bash : "-W " + shell_quoted(joined(option.choices, " "));
    std::string text = fmt::format("    {})\n", joined(option.names, " | "));
    if (!arguments.empty()) {
        text += fmt::format("        mapfile -t COMPREPLY < <(compgen {} -- \"$current\")\n", arguments);
    }
    return text + "        return\n        ;;\n";
}

std::string bash_values(const ProgramDescription& program) {
    std::map<std::string, std::string> cases; // one for an option of several commands
    const auto add = [&](const std::vector<OptionDescription>& options) {
        for (const OptionDescription& option : options) {
            if (!option.value.empty()) {
                cases.emplace(option.names.back(), bash_value(option));
            }
        }
    };
    add(program.options);
    for (const CommandDescription& command : program.commands) {
        add(command.options);
    }
    std::string text;
    for (const auto& [name, lines] : cases) {
        text += lines;
    }
    return text;
}

std::string bash_command(const CommandDescription& command) {
    std::string text = fmt::format("    {})\n", command.name);
    if (const auto names = long_names(command.options); !names.empty()) {
        text += "        options+=" + shell_quoted(" " + joined(names, " ")) + "\n";
    }
    for (const OptionDescription& option : command.options) {
        if (option.is_argument()) {
            const char* what = option.names.front() == "FILE" ? "-f" : "-c";
            text += fmt::format("        [[ $current == -* ]] || words=({})\n", what);
        }
    }
    return text + "        ;;\n";
}

} // namespace

std::string bash_completion(const ProgramDescription& program) {
    std::string text = "# bash completion for mptcp-keeper\n"
                       "# shellcheck shell=bash\n\n"
                       "_mptcp_keeper() {\n"
                       "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
                       "    local word command='' options words=()\n"
                       "    COMPREPLY=()\n"
                       "    case $previous in\n" +
                       bash_values(program) +
                       "    esac\n"
                       "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                       "        case $word in\n";
    text += "        " + joined(command_names(program), " | ") +
            ")\n            command=$word\n            break\n            ;;\n        esac\n    done\n";
    text += "    options=" + shell_quoted(joined(long_names(program.options), " ")) +
            "\n    case $command in\n    '') [[ $current == -* ]] || options=" +
            shell_quoted(joined(command_names(program), " ")) + " ;;\n";
    for (const CommandDescription& command : program.commands) {
        if (!command.options.empty()) {
            text += bash_command(command);
        }
    }
    return text + "    esac\n"
                  "    [[ ${#words[@]} -gt 0 ]] || words=(-W \"$options\")\n"
                  "    mapfile -t COMPREPLY < <(compgen \"${words[@]}\" -- \"$current\")\n"
                  "}\n"
                  "complete -o filenames -F _mptcp_keeper mptcp-keeper\n";
}

// zsh

namespace {

std::string zsh_option(const OptionDescription& option) {
    const std::string help = "[" + option.help + "]";
    std::string value;
    if (!option.value.empty()) {
        const std::string words = joined(option.choices, " ");
        const bool is_list = option.value.ends_with(",...");
        const std::string action = option.choices.empty() ? source_of(option.value, option.names.back()).zsh
                                   : is_list              ? "_values -s , word " + words
                                                          : "(" + words + ")";
        // A colon would end the description of the value.
        value = ":" + option.value.substr(0, option.value.find_first_of(":,")) + ":" + action;
    }
    if (option.names.size() == 1) {
        return shell_quoted(option.names.front() + help + value);
    }
    return fmt::format(
        "'({})'{{{}}}{}", joined(option.names, " "), joined(option.names, ","), shell_quoted(help + value));
}

std::string zsh_command(const CommandDescription& command) {
    std::string text = "  " + command.name + ")\n    _arguments $global";
    for (const OptionDescription& option : command.options) {
        if (!option.is_argument()) {
            text += " \\\n      " + zsh_option(option);
        } else if (option.names.front() == "FILE") {
            text += " \\\n      '*:file:_files'";
        } else {
            text += " \\\n      '(-)1:program:_command_names -e' '*::argument:_normal'";
        }
    }
    return text + "\n    ;;\n";
}

} // namespace

std::string zsh_completion(const ProgramDescription& program) {
    std::string text = "#compdef mptcp-keeper\n\nlocal -a global commands\nglobal=(\n";
    for (const OptionDescription& option : program.options) {
        text += "  " + zsh_option(option) + "\n";
    }
    text += ")\ncommands=(\n";
    for (const CommandDescription& command : program.commands) {
        text += "  " + shell_quoted(command.name + ":" + command.summary) + "\n";
    }
    text += ")\n\n_arguments -C $global '1:command:->command' '*::argument:->argument'\n"
            "case $state in\ncommand) _describe command commands ;;\nargument)\n  case $words[1] in\n";
    for (const CommandDescription& command : program.commands) {
        if (!command.options.empty()) {
            text += zsh_command(command);
        }
    }
    return text + "  *) _arguments $global ;;\n  esac\n  ;;\nesac\n";
}

// fish

namespace {

std::string fish_option(const OptionDescription& option, const std::string& condition) {
    std::string text = "complete -c mptcp-keeper" + condition;
    for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.choices.empty()) {
        text += " -x -a " + shell_quoted(joined(option.choices, " "));
    } else if (!option.value.empty()) {
        text += std::string(" ") + source_of(option.value, option.names.back()).fish;
    }
    return text + " -d " + shell_quoted(option.help) + "\n";
}

std::string fish_command(const CommandDescription& command) {
    const std::string condition = " -n '__fish_seen_subcommand_from " + command.name + "'";
    std::string text;
    for (const OptionDescription& option : command.options) {
        if (!option.is_argument()) {
            text += fish_option(option, condition);
        } else if (option.names.front() == "FILE") {
            text += "complete -c mptcp-keeper" + condition + " -F\n";
        } else {
            text += "complete -c mptcp-keeper" + condition +
                    " -x -a '(__fish_complete_subcommand --fcs-skip=2)'\n";
        }
    }
    return text;
}

} // namespace

std::string fish_completion(const ProgramDescription& program) {
    std::string text = "# fish completion for mptcp-keeper\nset -l commands " +
                       joined(command_names(program), " ") + "\n\ncomplete -c mptcp-keeper -f\n";
    for (const OptionDescription& option : program.options) {
        text += fish_option(option, "");
    }
    text += "\n";
    for (const CommandDescription& command : program.commands) {
        text += "complete -c mptcp-keeper -n \"not __fish_seen_subcommand_from $commands\" -a " +
                command.name + " -d " + shell_quoted(command.summary) + "\n";
    }
    text += "\n";
    for (const CommandDescription& command : program.commands) {
        text += fish_command(command);
    }
    return text;
}

} // namespace keeper::manual
