// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/result.hpp"
#include "cli/environment.hpp"
#include "cli/global_options.hpp"
#include "config/config.hpp"
#include "plan/plan.hpp"

namespace keeper::cli {

/// The plan that apply would carry out now. Prints its warnings; the plan then also contains those of the
/// configuration and of the observation. Changes nothing.
[[nodiscard]] Result<Plan>
preview(const LoadedConfig& config, const Scope& scope, const GlobalOptions& global, Environment& env);

} // namespace keeper::cli
