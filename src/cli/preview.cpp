#include "cli/preview.hpp"

#include "cli/common.hpp"
#include "plan/plan_warnings.hpp"

namespace keeper::cli {

Result<Plan>
preview(const LoadedConfig& config, const Scope& scope, const GlobalOptions& global, Environment& env) {
    const Result<Observation> observation = env.engine.observe(scope, config.desired);
    if (!observation) {
        return tl::unexpected<Error>(observation.error());
    }
    Plan plan = make_plan(config.desired, observation->state, observation->ownership, scope);
    plan.warnings.insert(plan.warnings.begin(), observation->warnings.begin(), observation->warnings.end());
    // The text shows what waits or cannot be done among the changes, the document does not.
    tell_warnings(global.json ? warnings_of(plan) : plan.warnings, env);
    const std::vector<std::string> told = warning_texts(config); // with their lines, when they were read
    plan.warnings.insert(plan.warnings.begin(), told.begin(), told.end());
    return plan;
}

} // namespace keeper::cli
