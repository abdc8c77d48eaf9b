// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/command_line.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/text/join.hpp"
#include "cli/choices.hpp"
#include "cli/commands/registry.hpp"
#include "cli/help.hpp"
#include "cli/option_value.hpp"

namespace keeper::cli {

namespace {

constexpr std::array<Choice<LogLevel>, 4> log_levels{{
    {"error", LogLevel::error},
    {"warning", LogLevel::warning},
    {"info", LogLevel::info},
    {"debug", LogLevel::debug},
}};

constexpr const char* program_details =
    R"(The configuration is /etc/mptcp-keeper/config.yaml and the drop-ins (*.yaml,
*.yml) of conf.d in /usr/lib/mptcp-keeper, /run/mptcp-keeper and
/etc/mptcp-keeper; --config replaces them with one file.

Exit codes: 0 done or in sync, 1 failed, 2 differs, 64 wrong usage, 65 invalid
configuration, 77 not permitted. `mptcp-keeper COMMAND --help` describes one
command.
)";

/// The whole command line, registered with CLI11, which writes the options of a parsed line into `global`.
struct Program {
    CLI::App app{"Declarative Multipath TCP configuration for Linux hosts.", "mptcp-keeper"};
    GlobalOptions global;
    std::vector<Command> commands;

    Program(const std::string& version, const std::vector<std::string>& names);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
};

std::vector<std::string> names_of_those_that_accept_root(const std::vector<Command>& commands) {
    std::vector<std::string> names;
    for (const Command& command : commands) {
        if (command.accepts_root) {
            names.push_back(command.app->get_name());
        }
    }
    return names;
}

void add_global_options(CLI::App& app, GlobalOptions& global, const std::string& version) {
    app.add_option("--config", global.config, "read only FILE as the configuration (- for standard input)")
        ->type_name("FILE");
    app.add_option_function<std::string>(
           "--root",
           [&global](const std::string& root) {
               if (root.empty()) { // of a variable that is not set; it must not mean the running host
                   throw CLI::ValidationError("--root: the name of a directory is required");
               }
               const std::size_t last = root.find_last_not_of('/');
               global.root = last == std::string::npos ? "/" : root.substr(0, last + 1);
           })
        ->type_name("DIR");
    app.add_flag("--json", global.json, "print one JSON document on standard output");
    app.add_option_function<std::string>(
           "--log-level",
           [&global](const std::string& word) {
               global.log_level = valid_value("--log-level", parse_choice("level", log_levels, word));
           },
           "print messages up to LEVEL: error, warning (default), info, debug")
        ->type_name("LEVEL");
    app.set_version_flag("--version", "mptcp-keeper " + version, "print the version and exit");
    app.set_help_flag("-h,--help", "print this help and exit");
}

Program::Program(const std::string& version, const std::vector<std::string>& names) {
    app.formatter(std::make_shared<HelpFormatter>()); // before the commands, which inherit it
    add_global_options(app, global, version);
    commands = make_commands(app, names);
    app.get_option("--root")->description(
        "work on the unbooted tree below DIR (" + joined(names_of_those_that_accept_root(commands), ", ") +
        ")");
    app.require_subcommand(1);
    app.footer(program_details);
}

/// The command of a line that was parsed: require_subcommand() has made sure that there is exactly one.
const Command& chosen_command(const Program& program) {
    const CLI::App* chosen = program.app.get_subcommands().front();
    return *std::find_if(program.commands.begin(), program.commands.end(), [&](const Command& command) {
        return command.app == chosen;
    });
}

std::string help_command(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return "mptcp-keeper " + (commands.empty() ? "" : commands.front()->get_name() + " ") + "--help";
}

bool is_followed_by_value(CLI::App& app, const std::string& word) {
    const CLI::Option* option = app.get_option_no_throw(word); // null for --option=value
    return option != nullptr && option->get_items_expected_max() > 0;
}

/// The first word from `begin` on that is neither an option nor the value of one; `end` if there is none.
std::vector<std::string>::iterator
first_word(CLI::App& app, std::vector<std::string>::iterator begin, std::vector<std::string>::iterator end) {
    while (begin != end && begin->starts_with('-') && *begin != "--") {
        const bool takes_two = is_followed_by_value(app, *begin);
        ++begin;
        begin += takes_two && begin != end ? 1 : 0;
    }
    return begin;
}

bool starts_program(const std::vector<Command>& commands, const std::string& name) {
    return std::any_of(commands.begin(), commands.end(), [&](const Command& command) {
        return command.starts_program && command.app->get_name() == name;
    });
}

/// Inserts the "--" that may be left out before a program, so that `run iperf3 --version` passes --version on
/// to iperf3.
void separate_program(Program& program, std::vector<std::string>& arguments) {
    const auto command = first_word(program.app, arguments.begin(), arguments.end());
    if (command == arguments.end() || !starts_program(program.commands, *command)) {
        return;
    }
    const auto started = first_word(program.app, command + 1, arguments.end());
    if (started != arguments.end() && *started != "--") {
        arguments.insert(started, "--");
    }
}

/// Why a line without any command is wrong.
std::string missing_command(const Program& program) {
    std::vector<std::string> names;
    for (const Command& command : program.commands) {
        names.push_back(command.app->get_name());
    }
    const std::vector<std::string> rest = program.app.remaining();
    if (rest.empty()) {
        return "a command is required: " + enumerated(names, "or");
    }
    const std::string& word = rest.front();
    return word.starts_with('-') ? "unknown option " + quoted_name(word) + "; a command is required"
                                 : unknown_word("command", word, names);
}

bool is_given(const CLI::Option* flag) {
    return flag != nullptr && flag->count() > 0;
}

/// The text of --help or --version if the line has one of them. CLI11 checks the values of options first, but
/// a wrong value must not keep anyone from the help.
std::optional<std::string> requested_text(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    if (is_given(app.get_help_ptr()) || (!commands.empty() && is_given(commands.front()->get_help_ptr()))) {
        return app.help();
    }
    return is_given(app.get_version_ptr()) ? std::optional(app.version() + "\n") : std::nullopt;
}

/// Lets CLI11 parse the line. The text to be printed or what is wrong; std::nullopt if a command is to run.
std::optional<CommandLine> parse(Program& program, std::vector<std::string> arguments) {
    separate_program(program, arguments);
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes a vector from its end
    try {
        program.app.parse(std::move(arguments));
    } catch (const CLI::ValidationError& error) {
        if (auto text = requested_text(program.app)) {
            return Information{*std::move(text)};
        }
        return UsageError{error.what(), help_command(program.app)};
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        if (program.app.exit(error, out, err) == 0) {
            return Information{out.str()};
        }
        const bool lacks_command =
            program.app.get_subcommands().empty() && error.get_name() == "RequiredError";
        return UsageError{lacks_command ? missing_command(program) : error.what(), help_command(program.app)};
    }
    return std::nullopt;
}

bool allows_root(const Program& program) {
    return program.global.root.empty() || chosen_command(program).accepts_root;
}

/// Registering all commands takes a third of the time of a short command. So a line that contains the name of
/// one command is parsed with that command alone; unless that succeeds, the line is parsed with all of them,
/// for the help and the messages. A line that succeeds with one command also does with all.
std::optional<CommandLine>
parse_right_line(const std::vector<std::string>& arguments, const std::string& version) {
    std::vector<std::string> named;
    for (const std::string& name : command_names()) {
        named.insert(
            named.end(),
            static_cast<std::size_t>(std::count(arguments.begin(), arguments.end(), name)),
            name);
    }
    if (named.empty() && arguments == std::vector<std::string>{"--version"}) {
        Program program(version, {});
        return parse(program, arguments);
    }
    if (named.size() != 1) {
        return std::nullopt;
    }
    Program program(version, named);
    if (parse(program, arguments) || !allows_root(program)) {
        return std::nullopt;
    }
    return Invocation{program.global, chosen_command(program).run};
}

} // namespace

CommandLine parse_command_line(std::vector<std::string> arguments, const std::string& version) {
    if (auto invocation = parse_right_line(arguments, version)) {
        return *std::move(invocation);
    }
    Program program(version, command_names());
    if (auto answer = parse(program, std::move(arguments))) {
        return *std::move(answer);
    }
    if (!allows_root(program)) {
        return UsageError{
            "--root works with " + enumerated(names_of_those_that_accept_root(program.commands)) +
                "; the other commands work on the running host",
            help_command(program.app)};
    }
    return Invocation{program.global, chosen_command(program).run};
}

ProgramDescription describe_command_line() {
    const Program program("", command_names());
    ProgramDescription description;
    description.options = describe_options(program.app, {{"--log-level", names_of(log_levels)}});
    for (const Command& command : program.commands) {
        description.commands.push_back(
            {.name = command.app->get_name(),
             .summary = command.app->get_description(),
             .details = command.app->get_footer(),
             .options = describe_options(*command.app, command.choices)});
    }
    return description;
}

} // namespace keeper::cli
