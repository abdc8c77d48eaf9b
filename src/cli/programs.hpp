#pragma once

#include <string>
#include <vector>

#include "applications/unit_states.hpp"
#include "cli/environment.hpp"
#include "config/config.hpp"
#include "plan/plan.hpp"

namespace keeper::cli {

/// Whether the declared units' programs use MPTCP; looks at nothing where none is declared.
[[nodiscard]] std::vector<UnitStatus> states_of_units(const LoadedConfig& config, Environment& env);

/// What the declaration does to programs that run, and what it cannot do, as sentences. Looks at them only
/// where it matters.
[[nodiscard]] std::vector<std::string>
warnings_about_programs(const LoadedConfig& config, const Scope& scope, Environment& env);

} // namespace keeper::cli
