#pragma once

#include "cli/command_line.hpp"
#include "cli/environment.hpp"
#include "config/config.hpp"

namespace keeper::cli {

/// Looks at the host and plans, as apply would, and tells the warnings. The plan's warnings then hold also
/// those of the configuration and of looking. Changes nothing.
[[nodiscard]] Result<Plan>
preview(const LoadedConfig& config, const Scope& scope, const GlobalOptions& global, Environment& env);

} // namespace keeper::cli
