#include "report/status.hpp"

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "report/status_text.hpp"

namespace keeper::cli {

ExitCode run(const StatusOptions&, const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    const Scope everything;
    const Result<Observation> observation = env.engine.observe(everything);
    if (!observation) {
        return give_up(observation.error(), global, env);
    }
    const auto& [observed, ownership, warnings] = *observation;
    const Plan plan = make_plan(config.desired, observed, ownership, everything);
    tell_warnings(warnings, env);
    tell_warnings(plan.warnings, env);
    DaemonStatus daemon;
    daemon.mode = config.desired.reconcile.mode.value;
    const Status status = make_status(config.desired, observed, ownership, plan, daemon);
    env.console.print(global.json ? status_json(status) : status_text(status, env.console.out_colour()));
    return status.in_sync ? ExitCode::done : ExitCode::differs;
}

} // namespace keeper::cli
