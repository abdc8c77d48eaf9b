#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "config/config.hpp"
#include "plan/apply_report.hpp"

/// What several commands do alike.
namespace keeper::cli {

/// Why --root cannot be worked on, or nothing.
[[nodiscard]] std::optional<std::string> problem_with_root(const GlobalOptions& global);
/// Reads the configuration that the options name and tells its warnings and errors.
[[nodiscard]] LoadedConfig read_config(const GlobalOptions& global, Environment& env);
/// Reads it and reports nothing.
[[nodiscard]] LoadedConfig parse_config_files(const GlobalOptions& global, Environment& env);
/// Reads it again, and shows its warnings and errors only where it differs from what was read before.
/// Standard input cannot be read twice: it is what it was.
[[nodiscard]] LoadedConfig
read_config_again(LoadedConfig before, const GlobalOptions& global, Environment& env);
/// The same for these files.
[[nodiscard]] LoadedConfig read_config(const std::vector<std::string>& files, Environment& env);
/// The answer of a command whose configuration is invalid.
[[nodiscard]] ExitCode refuse(const LoadedConfig& config, const GlobalOptions& global, Environment& env);
/// The answer of a command that this error ended.
[[nodiscard]] ExitCode give_up(const Error& error, const GlobalOptions& global, Environment& env);

/// A configuration's warnings as texts, each with its place.
[[nodiscard]] std::vector<std::string> warning_texts(const LoadedConfig& config);
void tell_warnings(const std::vector<std::string>& warnings, Environment& env);
/// Tells the warnings of an apply; beside a JSON document also each item that waits, that this host is too
/// old for, or that failed, since the document is for programs. The text shows these itself.
void tell_report(const ApplyReport& report, const GlobalOptions& global, Environment& env);

/// The exit code of a command that only looks: 0 in sync, 2 differs, 1 where it could not see.
[[nodiscard]] ExitCode verdict_on(const Plan& plan);

/// Takes the lock; an Error where this process may not change the host or another run does not end.
[[nodiscard]] Result<std::unique_ptr<LockPort::Guard>>
prepare_to_change(const std::string& command, Environment& env);

} // namespace keeper::cli
