#include <algorithm>
#include <iterator>

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/preview.hpp"
#include "report/plan_text.hpp"
#include "report/report_json.hpp"

namespace keeper::cli {

namespace {

Scope scope_of(const ApplyOptions& options, const GlobalOptions& global) {
    Scope scope;
    scope.restart_units = options.restart_units;
    scope.is_candidate = global.config.has_value();
    if (options.boot) {
        scope.boot = true;
        scope.kinds = {Kind::sysctl, Kind::limits, Kind::endpoints};
    }
    if (options.only.empty()) {
        return scope;
    }
    std::set<Kind> kinds;
    std::set_intersection(
        scope.kinds.begin(),
        scope.kinds.end(),
        options.only.begin(),
        options.only.end(),
        std::inserter(kinds, kinds.end()));
    scope.kinds = std::move(kinds);
    return scope;
}

ExitCode dry_run(
    const LoadedConfig& config, const ApplyOptions& options, const GlobalOptions& global, Environment& env) {
    const Result<Plan> plan = preview(config, scope_of(options, global), global, env);
    if (!plan) {
        return give_up(plan.error(), global, env);
    }
    env.console.print(global.json ? dry_run_json(*plan) : plan_text(*plan, env.console.out_colour()));
    const bool is_refused =
        options.strict && std::any_of(plan->changes.begin(), plan->changes.end(), [](const Change& change) {
            return change.standing == Standing::unsupported;
        });
    return is_refused && plan->in_sync() ? ExitCode::differs : verdict_on(*plan);
}

} // namespace

ExitCode run(const ApplyOptions& options, const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    if (options.dry_run) {
        return dry_run(config, options, global, env);
    }
    if (global.config && is_enforced_by_daemon(env)) {
        return give_up(
            {ErrorKind::failed,
             "a daemon enforces the files in /etc and would undo this; `systemctl stop mptcp-keeper` first, "
             "or "
             "put the file into /etc/mptcp-keeper"},
            global,
            env);
    }
    Result<UniqueFd> lock = prepare_to_change("apply", env);
    if (!lock) {
        return give_up(lock.error(), global, env);
    }
    Result<ApplyReport> report = env.engine.apply(
        config.desired, {scope_of(options, global), options.atomic, options.strict, {}, true});
    if (!report) {
        return give_up(report.error(), global, env);
    }
    // The daemon takes the same lock: it must be free before the daemon can load what was applied.
    *lock = UniqueFd();
    if (!global.config && !options.boot) {
        if (const auto loaded = env.make_daemon_load(); !loaded) {
            report->warnings.push_back(loaded.error().message);
        }
    }
    tell_report(*report, global, env);
    const std::vector<std::string> told = warning_texts(config); // with their lines, when they were read
    report->warnings.insert(report->warnings.begin(), told.begin(), told.end());
    env.console.print(global.json ? apply_json(*report) : apply_text(*report, env.console.out_colour()));
    if (report->failed || !report->verified) {
        return ExitCode::failed;
    }
    return options.detailed_exitcodes && report->changed ? ExitCode::differs : ExitCode::done;
}

} // namespace keeper::cli
