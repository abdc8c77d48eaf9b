// SPDX-License-Identifier: LGPL-2.1-or-later
#include <CLI/CLI.hpp>

#include "applications/declared_units.hpp"
#include "applications/incompatible_programs.hpp"
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "report/diagnostic_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

struct CheckArguments {
    std::vector<std::string> files; ///< merged in this order; none: --config or the search path
};

/// Warnings about declared units whose programs are known not to work with MPTCP. Globs are left to the plan,
/// which knows the units of the host.
void warn_of_incompatible_units(LoadedConfig& config) {
    for (const auto& [unit, source] : config.desired.units) {
        std::string warning = is_glob(unit) ? "" : warning_of_incompatible_unit(unit);
        if (!warning.empty()) {
            config.remarks.push_back({.source = source, .message = std::move(warning), .line_text = {}});
        }
    }
}

ExitCode check(const CheckArguments& arguments, const GlobalOptions& global, Environment& env) {
    LoadedConfig config = read_config(arguments.files, global, env);
    warn_of_incompatible_units(config);
    if (env.console.shows(LogLevel::warning)) {
        env.console.write_error_text(warnings_text(config.remarks, env.console.err_colour()));
    }
    config.warnings.insert(config.warnings.end(), config.remarks.begin(), config.remarks.end());
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    if (global.json) {
        env.console.print(check_json(config));
        return ExitCode::done;
    }
    for (const std::string& file : config.files) {
        env.console.print(printable(file) + ": valid\n");
    }
    return ExitCode::done;
}

} // namespace

Command make_check(CLI::App& program) {
    const auto arguments = std::make_shared<CheckArguments>();
    Command command(
        program,
        {.name = "check", .summary = "validate the configuration", .details = R"(
Changes nothing and needs no privileges, no kernel with MPTCP and no
NetworkManager. Reports all errors of all files with file, line and column.

Exit codes: 0 valid, 65 invalid.

Examples:
  mptcp-keeper check                      the configuration of this host
  mptcp-keeper check base.yaml site.yaml  these files; the later one overrides
  mptcp-keeper check - < new.yaml         standard input
  mptcp-keeper --root /mnt check          the configuration of an unbooted tree
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return check(*arguments, global, env);
        });
    command.accepts_root = true;
    command.app->add_option("FILE", arguments->files, "validate these files instead (- for standard input)");
    command.app->callback([arguments, config = program.get_option("--config")] {
        if (!arguments->files.empty() && config->count() > 0) {
            throw CLI::ValidationError("name the files either after check or with --config, not both");
        }
    });
    return command;
}

} // namespace keeper::cli
