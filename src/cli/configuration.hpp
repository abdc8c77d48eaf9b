// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/global_options.hpp"
#include "config/config.hpp"

/// The configuration that the options name. Unless stated otherwise, its warnings and errors go to standard
/// error.
namespace keeper::cli {

[[nodiscard]] LoadedConfig read_config(const GlobalOptions& global, Environment& env);
/// These files instead, if there are any.
[[nodiscard]] LoadedConfig
read_config(const std::vector<std::string>& files, const GlobalOptions& global, Environment& env);
/// Reads it again; prints warnings and errors only if it differs from `before`. Standard input, which cannot
/// be read twice, yields `before`.
[[nodiscard]] LoadedConfig
read_config_again(LoadedConfig before, const GlobalOptions& global, Environment& env);
/// Reads it and prints nothing.
[[nodiscard]] LoadedConfig read_config_silently(const GlobalOptions& global, Environment& env);

/// Ends a command whose configuration is invalid.
[[nodiscard]] ExitCode refuse(const LoadedConfig& config, const GlobalOptions& global, Environment& env);

/// Why --root cannot be used; std::nullopt if it can.
[[nodiscard]] std::optional<std::string> problem_with_root(const GlobalOptions& global);

/// "FILE:LINE:COLUMN: message".
[[nodiscard]] std::string located(const Diagnostic& diagnostic);
[[nodiscard]] std::vector<std::string> warning_texts(const LoadedConfig& config);

} // namespace keeper::cli
