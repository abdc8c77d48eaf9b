#include "cli/common.hpp"

#include <filesystem>
#include <system_error>

#include "applications/declared_units.hpp"
#include "plan/plan_warnings.hpp"
#include "report/diagnostic_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

void tell(const LoadedConfig& config, Environment& env) {
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

/// The files' declaration, with the units by systemd's own names of them.
LoadedConfig load(const std::vector<std::string>& files, const std::string& root, Environment& env) {
    LoadedConfig config = parse_sources(env.config_files.read(files), root);
    if (root.empty() && !config.desired.units.empty()) {
        config.desired.units = with_unit_ids(config.desired.units, env.unit_aliases());
    }
    return config;
}

LoadedConfig load_and_tell(const std::vector<std::string>& files, const std::string& root, Environment& env) {
    for (const std::string& file : files) {
        env.console.debug("reading " + file);
    }
    LoadedConfig config = load(files, root, env);
    tell(config, env);
    return config;
}

} // namespace

std::optional<std::string> problem_with_root(const GlobalOptions& global) {
    std::error_code error;
    if (global.root.empty() || std::filesystem::is_directory(global.root, error)) {
        return std::nullopt;
    }
    return "there is no directory " + global.root;
}

LoadedConfig read_config_again(LoadedConfig before, const GlobalOptions& global, Environment& env) {
    if (global.config == "-") {
        return before;
    }
    LoadedConfig now = load(files_of(global, env), global.root, env);
    if (now.fingerprint != before.fingerprint) {
        tell(now, env);
    }
    return now;
}

LoadedConfig read_config(const GlobalOptions& global, Environment& env) {
    if (const auto problem = problem_with_root(global)) {
        LoadedConfig config;
        config.errors.push_back({{global.root, 1, 1}, *problem, {}});
        tell(config, env);
        return config;
    }
    return load_and_tell(files_of(global, env), global.root, env);
}

LoadedConfig parse_config_files(const GlobalOptions& global, Environment& env) {
    return parse_sources(env.config_files.read(files_of(global, env)), global.root);
}

LoadedConfig read_config(const std::vector<std::string>& files, Environment& env) {
    return load_and_tell(files, "", env);
}

ExitCode refuse(const LoadedConfig& config, const GlobalOptions& global, Environment& env) {
    const std::size_t number = config.errors.size();
    env.console.error("the configuration is invalid: " + count_of(number, "error", "errors"));
    if (global.json) {
        env.console.print(check_json(config));
    }
    return ExitCode::invalid_configuration;
}

ExitCode give_up(const Error& error, const GlobalOptions& global, Environment& env) {
    env.console.error(error.message);
    if (global.json) {
        env.console.print(error_json(error.message));
    }
    return exit_code_of(error);
}

std::vector<std::string> warning_texts(const LoadedConfig& config) {
    std::vector<std::string> texts;
    for (const Diagnostic& warning : config.warnings) {
        texts.push_back(
            warning.source.file + ":" + std::to_string(warning.source.line) + ":" +
            std::to_string(warning.source.column) + ": " + warning.message);
    }
    return texts;
}

void tell_warnings(const std::vector<std::string>& warnings, Environment& env) {
    for (const std::string& warning : warnings) {
        env.console.warning(warning);
    }
}

void tell_report(const ApplyReport& report, const GlobalOptions& global, Environment& env) {
    if (!global.json) {
        return tell_warnings(report.warnings, env);
    }
    tell_warnings(warnings_of(report), env);
    for (const std::string& failure : failures_of(report)) {
        env.console.error(failure);
    }
}

ExitCode verdict_on(const Plan& plan) {
    if (plan.is_blind()) {
        return ExitCode::failed;
    }
    return plan.in_sync() ? ExitCode::done : ExitCode::differs;
}

Result<std::unique_ptr<LockPort::Guard>> prepare_to_change(const std::string& command, Environment& env) {
    if (!env.may_change_network()) {
        return fail(
            ErrorKind::not_permitted,
            command + " changes the host's network and needs CAP_NET_ADMIN; run it as root");
    }
    return env.lock(
        [&] { env.console.warning("another run of mptcp-keeper is busy, waiting for it to end"); });
}

} // namespace keeper::cli
