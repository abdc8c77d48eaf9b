#pragma once

#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "config/config.hpp"
#include "plan/plan.hpp"

namespace keeper::cli {

/// What the declaration does to programs that run, as sentences. Looks at them only where it matters.
[[nodiscard]] std::vector<std::string>
warnings_about_programs(const LoadedConfig& config, const Scope& scope, Environment& env);

} // namespace keeper::cli
