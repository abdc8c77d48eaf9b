#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/preview.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

ExitCode run(const DiffOptions&, const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    Scope scope;
    scope.is_candidate = global.config.has_value();
    const Result<Plan> plan = preview(config, scope, global, env);
    if (!plan) {
        return give_up(plan.error(), global, env);
    }
    env.console.print(global.json ? diff_json(*plan) : plan_text(*plan, env.console.out_colour()));
    return verdict_on(*plan);
}

} // namespace keeper::cli
