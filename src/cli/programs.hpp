#pragma once

#include <string>
#include <vector>

#include "applications/unit_states.hpp"
#include "cli/environment.hpp"
#include "config/config.hpp"
#include "plan/plan.hpp"

namespace keeper::cli {

/// What a declaration comes to for the programs that run.
struct ProgramsView {
    std::vector<UnitStatus> units; ///< whether the declared units' programs use MPTCP
    /// Sentences about what it does to programs, and what it cannot do.
    std::vector<std::string> warnings;
};

/// Looks at the programs that matter, and at none where units are not declared nor MPTCP is switched off.
[[nodiscard]] ProgramsView look_at_programs(const LoadedConfig& config, const Scope& scope, Environment& env);

} // namespace keeper::cli
