#include "cli/command_line.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/text/duration.hpp"
#include "base/text/nearest.hpp"
#include "cli/description.hpp"
#include "cli/help.hpp"
#include "cli/help_texts.hpp"
#include "model/probe_target.hpp"

namespace keeper::cli {

namespace {

template <class T, std::size_t N>
const T* find_word(const std::array<std::pair<std::string_view, T>, N>& words, std::string_view word) {
    for (const auto& [name, value] : words) {
        if (name == word) {
            return &value;
        }
    }
    return nullptr;
}

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> log_levels{{
    {"error", LogLevel::error},
    {"warning", LogLevel::warning},
    {"info", LogLevel::info},
    {"debug", LogLevel::debug},
}};

constexpr std::array<std::pair<std::string_view, Kind>, 5> kinds{{
    {"sysctl", Kind::sysctl},
    {"limits", Kind::limits},
    {"endpoints", Kind::endpoints},
    {"profiles", Kind::profiles},
    {"applications", Kind::applications},
}};

template <class T, std::size_t N>
std::vector<std::string> names_of(const std::array<std::pair<std::string_view, T>, N>& words) {
    std::vector<std::string> names;
    for (const auto& [name, value] : words) {
        names.emplace_back(name);
    }
    return names;
}

/// What CLI11 fills in; checked and turned into an Invocation afterwards.
struct RawOptions {
    GlobalOptions global;
    std::string log_level = "warning";
    CheckOptions check;
    ApplyOptions apply;
    StatusOptions status;
    ExportOptions exported;
    RunOptions run;
    MonitorOptions monitor;
    ConnectionsOptions connections;
    std::string interval = "1s";
    DoctorOptions doctor;
    std::vector<std::string> only;
};

struct Commands {
    CLI::App* check;
    CLI::App* diff;
    CLI::App* apply;
    CLI::App* status;
    CLI::App* reset;
    CLI::App* exported;
    CLI::App* run;
    CLI::App* config;
    CLI::App* schema;
    CLI::App* doctor;
    CLI::App* daemon;
    CLI::App* monitor;
    CLI::App* connections;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* description, const char* footer) {
    CLI::App* command = app.add_subcommand(name, description);
    command->footer(footer);
    command->fallthrough(); // the global options may stand behind the command too
    return command;
}

void add_global_options(CLI::App& app, RawOptions& options, const std::string& version) {
    app.add_option("--config", options.global.config, "read FILE, and no other (- for standard input)")
        ->type_name("FILE");
    app.add_option(
           "--root",
           options.global.root,
           "work on the unbooted tree below DIR (check, config, schema, export)")
        ->type_name("DIR");
    app.add_flag("--json", options.global.json, "one JSON document on standard output");
    app.add_option(
           "--log-level", options.log_level, "how much is said: error, warning (default), info, debug")
        ->type_name("LEVEL");
    app.set_version_flag("--version", "mptcp-keeper " + version, "print the version and exit");
    app.set_help_flag("-h,--help", "print this help and exit");
}

CLI::App* add_doctor(CLI::App& app, DoctorOptions& options) {
    CLI::App* doctor = add_command(app, "doctor", "why is this not MPTCP, and what to do", help::doctor);
    doctor->add_option("--pid", options.pid, "look at this process too")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{4194304}));
    doctor->add_option("--unit", options.unit, "look at this systemd unit's processes too")
        ->type_name("UNIT");
    doctor->add_option("--probe", options.target, "open a connection there and tell where MPTCP is lost")
        ->type_name("HOST:PORT");
    return doctor;
}

/// Commands that show what goes on.
void add_looking_commands(CLI::App& app, RawOptions& options, Commands& commands) {
    commands.monitor =
        add_command(app, "monitor", "MPTCP events, and changes that nobody announces", help::monitor);
    commands.monitor->add_flag("--timestamps", options.monitor.timestamps, "the local time before each line");
    commands.connections =
        add_command(app, "connections", "live connections and their subflows", help::connections);
    commands.connections->add_flag(
        "--watch", options.connections.watch, "every second, with throughput; keys sort, q quits");
    commands.connections
        ->add_option("--port", options.connections.port, "only those with this local or remote port")
        ->type_name("N")
        ->check(CLI::Range(1, 65535));
}

Commands add_commands(CLI::App& app, RawOptions& options) {
    Commands commands{};
    commands.check = add_command(app, "check", "validate the configuration and touch nothing", help::check);
    commands.check->add_option(
        "FILE", options.check.files, "files to validate instead (- for standard input)");
    commands.diff = add_command(app, "diff", "what apply would change, and what that disturbs", help::diff);
    commands.apply = add_command(app, "apply", "make the host what the configuration says", help::apply);
    commands.apply->add_flag("--dry-run", options.apply.dry_run, "change nothing, say what would be done");
    commands.apply->add_option("--only", options.only, "only these kinds, separated by commas")
        ->type_name("KIND,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    commands.apply->add_flag(
        "--boot", options.apply.boot, "sysctls, limits and endpoints without an interface; no D-Bus");
    commands.apply->add_flag("--atomic", options.apply.atomic, "take everything back if something fails");
    commands.apply->add_flag(
        "--strict", options.apply.strict, "what this kernel or NetworkManager is too old for is a failure");
    commands.apply->add_flag(
        "--restart-units", options.apply.restart_units, "restart the declared units that run without MPTCP");
    commands.apply->add_flag(
        "--detailed-exitcodes", options.apply.detailed_exitcodes, "exit 2 where something was changed");
    commands.status = add_command(app, "status", "desired against observed, item by item", help::status);
    commands.status->add_flag("--watch", options.status.watch, "look again and again until interrupted");
    commands.status->add_option("--interval", options.interval, "between two looks, 100ms to 1h (default 1s)")
        ->type_name("TIME");
    commands.reset = add_command(app, "reset", "put back what was there before the keeper", help::reset);
    commands.exported =
        add_command(app, "export", "this host as a configuration that changes nothing", help::exported);
    commands.exported->add_flag(
        "--leftovers", options.exported.leftovers, "the files that the keeper makes superfluous instead");
    commands.run = add_command(app, "run", "run a program with MPTCP sockets", help::run);
    commands.run
        ->add_option(
            "COMMAND", options.run.command, "the program and its arguments; -- may stand before them")
        ->required();
    commands.config =
        add_command(app, "config", "the merged configuration with the place of every value", help::config);
    commands.schema = add_command(app, "schema", "the configuration's JSON Schema", help::schema);
    commands.doctor = add_doctor(app, options.doctor);
    commands.daemon =
        add_command(app, "daemon", "apply, then watch and repair (run by systemd)", help::daemon);
    add_looking_commands(app, options, commands);
    return commands;
}

/// The chosen command; CLI11 has made sure that there is exactly one.
Command chosen(const Commands& commands, const RawOptions& options) {
    if (commands.check->parsed()) {
        return options.check;
    }
    if (commands.diff->parsed()) {
        return DiffOptions{};
    }
    if (commands.apply->parsed()) {
        return options.apply;
    }
    if (commands.status->parsed()) {
        return options.status;
    }
    if (commands.reset->parsed()) {
        return ResetOptions{};
    }
    if (commands.exported->parsed()) {
        return options.exported;
    }
    if (commands.run->parsed()) {
        return options.run;
    }
    if (commands.config->parsed()) {
        return ConfigOptions{};
    }
    if (commands.schema->parsed()) {
        return SchemaOptions{};
    }
    if (commands.doctor->parsed()) {
        return options.doctor;
    }
    if (commands.monitor->parsed()) {
        return options.monitor;
    }
    if (commands.connections->parsed()) {
        return options.connections;
    }
    return DaemonOptions{};
}

/// Fills the options that are words; the message of what is wrong, or nothing.
std::optional<std::string> read_words(RawOptions& options) {
    const LogLevel* level = find_word(log_levels, options.log_level);
    if (level == nullptr) {
        return "--log-level " + options.log_level + ": no such level; there are " +
               join(names_of(log_levels));
    }
    options.global.log_level = *level;
    const auto interval = parse_duration(options.interval);
    if (!interval || *interval < std::chrono::milliseconds(100) || *interval > std::chrono::hours(1)) {
        return "--interval " + options.interval + ": a time from 100ms to 1h is expected, such as 2s";
    }
    options.status.interval = *interval;
    for (const std::string& word : options.only) {
        const Kind* kind = find_word(kinds, word);
        if (kind == nullptr) {
            return "--only " + word + ": no such kind; there are " + join(names_of(kinds));
        }
        options.apply.only.insert(*kind);
    }
    if (options.doctor.target && !parse_probe_target(*options.doctor.target)) {
        return "--probe " + *options.doctor.target +
               ": not HOST:PORT; write an IPv6 address as [2001:db8::1]:443";
    }
    return std::nullopt;
}

bool is_kept_at_boot(Kind kind) {
    return kind == Kind::sysctl || kind == Kind::limits || kind == Kind::endpoints;
}

/// What no single option tells: combinations that make no sense.
std::optional<std::string> contradiction(const Commands& commands, const RawOptions& options) {
    const bool works_on_tree = commands.check->parsed() || commands.config->parsed() ||
                               commands.schema->parsed() || commands.exported->parsed();
    if (!options.global.root.empty() && !works_on_tree) {
        return "--root goes with check, config, schema and export alone: the others work on the running host";
    }
    if (!options.check.files.empty() && options.global.config) {
        return "give the files behind check or one with --config, not both";
    }
    const auto& only = options.apply.only;
    if (options.apply.boot && !only.empty() && std::none_of(only.begin(), only.end(), is_kept_at_boot)) {
        return "--boot does sysctl, limits and endpoints, and --only names none of them";
    }
    const bool leaves_units_out =
        options.apply.boot || (!only.empty() && only.count(Kind::applications) == 0);
    if (options.apply.restart_units && leaves_units_out) {
        return "--restart-units goes with applications, which --boot and --only leave out here";
    }
    return std::nullopt;
}

std::string help_command(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return "mptcp-keeper " + (commands.empty() ? "" : commands.front()->get_name() + " ") + "--help";
}

/// Whether the next word belongs to this one.
bool takes_the_next_word(CLI::App& app, const std::string& word) {
    const CLI::Option* option = app.get_option_no_throw(word); // nothing for --option=value
    return option != nullptr && option->get_items_expected_max() > 0;
}

/// The first word from `begin` on that is no option and no option's value; the end where there is none.
std::vector<std::string>::iterator
first_word(CLI::App& app, std::vector<std::string>::iterator begin, std::vector<std::string>::iterator end) {
    while (begin != end && begin->starts_with('-') && *begin != "--") {
        const bool takes_two = takes_the_next_word(app, *begin);
        ++begin;
        begin += takes_two && begin != end ? 1 : 0;
    }
    return begin;
}

/// Everything behind run's first word is the program's, with or without a "--" before it: `run iperf3
/// --version` asks for iperf3's. What is written without one is what is read with one.
void set_the_program_apart(CLI::App& app, std::vector<std::string>& arguments) {
    const auto command = first_word(app, arguments.begin(), arguments.end());
    if (command == arguments.end() || *command != "run") {
        return;
    }
    const auto program = first_word(app, command + 1, arguments.end());
    if (program != arguments.end() && *program != "--") {
        arguments.insert(program, "--");
    }
}

/// What is wrong with a line that has none of the commands.
std::string missing_command(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    const std::vector<std::string> left_over = app.remaining();
    if (left_over.empty()) {
        return "a command is required: " + join(names, "or");
    }
    const std::string& word = left_over.front();
    if (word.starts_with('-')) {
        return word + ": no such option, and no command is given";
    }
    const auto near = nearest(word, names);
    return word + ": no such command; " + (near ? "the nearest is " + *near : "there are " + join(names));
}

} // namespace

ProgramDescription describe_command_line() {
    CLI::App app;
    RawOptions options;
    add_global_options(app, options, "");
    (void)add_commands(app, options);
    return describe(app, {{"--log-level", names_of(log_levels)}, {"--only", names_of(kinds)}});
}

CommandLine parse_command_line(std::vector<std::string> arguments, const std::string& version) {
    CLI::App app("Keeps this host's Multipath TCP what a YAML file says it is.", "mptcp-keeper");
    app.formatter(std::make_shared<HelpFormatter>()); // before the commands, which inherit it
    RawOptions options;
    add_global_options(app, options, version);
    const Commands commands = add_commands(app, options);
    app.require_subcommand(1);
    app.footer(help::program);
    set_the_program_apart(app, arguments);
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes a vector from its end
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        if (app.exit(error, out, err) == 0) {
            return Information{out.str()};
        }
        const bool has_command = !app.get_subcommands().empty();
        const bool lacks_one = !has_command && error.get_name() == "RequiredError";
        return UsageError{lacks_one ? missing_command(app) : error.what(), help_command(app)};
    }
    if (auto problem = read_words(options)) {
        return UsageError{*problem, help_command(app)};
    }
    if (auto problem = contradiction(commands, options)) {
        return UsageError{*problem, help_command(app)};
    }
    return Invocation{options.global, chosen(commands, options)};
}

} // namespace keeper::cli
