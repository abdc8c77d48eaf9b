#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/preview.hpp"
#include "engine/hand_over.hpp"
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

ExitCode exit_code_of(const ApplyReport& report, const ApplyOptions& options) {
    if (report.failed || !report.verified) {
        return ExitCode::failed;
    }
    return options.detailed_exitcodes && report.changed ? ExitCode::differs : ExitCode::done;
}

} // namespace

ExitCode run(const ApplyOptions& options, const GlobalOptions& global, Environment& env) {
    // An invalid file is refused at once, without waiting for the lock; what is applied is read under the
    // lock.
    LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return refuse(config, global, env);
    }
    if (options.dry_run) {
        return dry_run(config, options, global, env);
    }
    DeclaredApply declared_apply({
        .engine = env.engine,
        .mark = env.mark,
        .daemon = env.daemon,
        .lock = [&] { return prepare_to_change("apply", env); },
        .read = [&]() -> std::optional<Declaration> {
            config = read_config_again(std::move(config), global, env);
            return config.valid() ? std::optional(Declaration{config.desired, config.fingerprint})
                                  : std::nullopt;
        },
    });
    auto result = declared_apply.run(
        {scope_of(options, global), options.atomic, options.strict, {}, true},
        global.config ? HandOver::none : HandOver::to_daemon);
    if (!result) {
        return give_up(result.error(), global, env);
    }
    if (!*result) {
        return refuse(config, global, env);
    }
    ApplyReport& report = **result;
    tell_report(report, global, env);
    const std::vector<std::string> told = warning_texts(config); // with their lines, when they were read
    report.warnings.insert(report.warnings.begin(), told.begin(), told.end());
    env.console.print(global.json ? apply_json(report) : apply_text(report, env.console.out_colour()));
    return exit_code_of(report, options);
}

} // namespace keeper::cli
