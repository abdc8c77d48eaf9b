// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/preview.hpp"

#include "cli/configuration.hpp"
#include "cli/outcome.hpp"
#include "plan/plan_warnings.hpp"

namespace keeper::cli {

Result<Plan>
preview(const LoadedConfig& config, const Scope& scope, const GlobalOptions& global, Environment& env) {
    Result<Observation> observation = env.engine.observe(scope, config.desired);
    if (!observation) {
        return propagate(observation);
    }
    Plan plan = env.engine.plan(config.desired, *observation, scope);
    plan.warnings.insert(plan.warnings.begin(), observation->warnings.begin(), observation->warnings.end());
    // The text lists deferred and unsupported items among the changes, the document does not.
    show_warnings(global.json ? warnings_of(plan) : plan.warnings, env);
    // Those of the configuration were printed when it was read.
    const std::vector<std::string> shown = warning_texts(config);
    plan.warnings.insert(plan.warnings.begin(), shown.begin(), shown.end());
    return plan;
}

} // namespace keeper::cli
