// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/configuration.hpp"

#include <filesystem>
#include <system_error>

#include "applications/declared_units.hpp"
#include "report/diagnostic_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

void show_problems(const LoadedConfig& config, Environment& env) {
    Console& console = env.console;
    if (console.shows(LogLevel::warning)) {
        console.write_error_text(warnings_text(config.warnings, console.err_colour()));
    }
    console.write_error_text(errors_text(config.errors, console.err_colour()));
}

std::vector<std::string> files_of(const GlobalOptions& global, Environment& env) {
    return global.config ? std::vector<std::string>{*global.config}
                         : env.config_files.search_path(global.root);
}

/// As parse_sources() takes it: the text before absolute paths.
std::string prefix_of_tree(const std::string& root) {
    return root == "/" ? "" : root;
}

/// Units are declared under any of their names; systemd's own name replaces it.
LoadedConfig load(const std::vector<std::string>& files, const std::string& root, Environment& env) {
    LoadedConfig config = parse_sources(env.config_files.read(files, root), prefix_of_tree(root));
    DesiredState& desired = config.desired;
    if (root.empty() && !(desired.units.empty() && desired.never.empty())) {
        const UnitAliases aliases = env.ports.units.aliases();
        desired.units = with_unit_ids(desired.units, aliases);
        desired.never = with_unit_ids(desired.never, aliases);
    }
    return config;
}

LoadedConfig load_and_show(const std::vector<std::string>& files, const std::string& root, Environment& env) {
    for (const std::string& file : files) {
        env.console.debug("reading " + file);
    }
    LoadedConfig config = load(files, root, env);
    show_problems(config, env);
    return config;
}

} // namespace

LoadedConfig read_config(const GlobalOptions& global, Environment& env) {
    return read_config({}, global, env);
}

LoadedConfig
read_config(const std::vector<std::string>& files, const GlobalOptions& global, Environment& env) {
    if (const auto problem = problem_with_root(global)) {
        LoadedConfig config;
        config.errors.push_back(
            {.source = {.file = global.root, .line = 1, .column = 1}, .message = *problem, .line_text = {}});
        show_problems(config, env);
        return config;
    }
    return load_and_show(files.empty() ? files_of(global, env) : files, global.root, env);
}

LoadedConfig read_config_again(LoadedConfig before, const GlobalOptions& global, Environment& env) {
    if (global.config == "-") {
        return before;
    }
    LoadedConfig now = load(files_of(global, env), global.root, env);
    if (now.fingerprint != before.fingerprint) {
        show_problems(now, env);
    }
    return now;
}

LoadedConfig read_config_silently(const GlobalOptions& global, Environment& env) {
    return parse_sources(
        env.config_files.read(files_of(global, env), global.root), prefix_of_tree(global.root));
}

ExitCode refuse(const LoadedConfig& config, const GlobalOptions& global, Environment& env) {
    const std::size_t number = config.errors.size();
    env.console.error("the configuration is invalid: " + count_of(number, "error", "errors"));
    if (global.json) {
        env.console.print(check_json(config));
    }
    return ExitCode::invalid_configuration;
}

std::optional<std::string> problem_with_root(const GlobalOptions& global) {
    std::error_code error;
    if (global.root.empty() || std::filesystem::is_directory(global.root, error)) {
        return std::nullopt;
    }
    return "--root: there is no directory " + global.root;
}

std::string located(const Diagnostic& diagnostic) {
    return diagnostic.source.file + ":" + std::to_string(diagnostic.source.line) + ":" +
           std::to_string(diagnostic.source.column) + ": " + diagnostic.message;
}

std::vector<std::string> warning_texts(const LoadedConfig& config) {
    std::vector<std::string> texts;
    for (const Diagnostic& warning : config.warnings) {
        texts.push_back(located(warning));
    }
    return texts;
}

} // namespace keeper::cli
