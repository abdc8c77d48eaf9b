#include "status/status.hpp"

#include <chrono>

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "engine/observer.hpp"
#include "model/mptcp_counters.hpp"
#include "report/json.hpp"
#include "report/report_json.hpp"
#include "report/status_text.hpp"

namespace keeper::cli {

namespace {

DaemonStatus daemon_status(const LoadedConfig& config, Environment& env) {
    DaemonStatus status;
    status.invalid_on_disk = !config.valid();
    if (config.valid()) {
        status.mode = config.desired.reconcile.mode.value;
        status.rivals = env.rivals_on_disk(config.desired);
    }
    const auto record = env.running_daemon();
    if (!record) {
        return status;
    }
    status.running = true;
    status.mode = record->mode;
    status.loaded = record->fingerprint == config.fingerprint;
    status.phase = record->phase;
    status.load_error = record->load_error;
    status.repairs = record->repairs;
    status.history = record->history;
    status.conflicts = record->conflicts;
    status.now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
    return status;
}

/// The counters that are not 0; none where the kernel shows none.
MptcpCounters counters(Environment& env) {
    const auto text = env.open_host("")->netstat();
    if (!text) {
        env.console.warning("the counters could not be read: " + text.error().message);
        return {};
    }
    return non_zero(parse_mptcp_counters(*text));
}

/// There is nothing to compare the host with, but what the daemon does is known: it keeps the files that it
/// had, or is suspended.
ExitCode refuse_and_show_daemon(const LoadedConfig& config, const GlobalOptions& global, Environment& env) {
    GlobalOptions without_document = global;
    without_document.json = false;
    const ExitCode code = refuse(config, without_document, env);
    const DaemonStatus daemon = daemon_status(config, env);
    env.console.print(
        global.json ? invalid_status_json(check_json(config), daemon)
                    : daemon_text(daemon, env.console.out_colour()));
    return code;
}

ExitCode show_status(const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    if (!config.valid()) {
        return global.config ? refuse(config, global, env) : refuse_and_show_daemon(config, global, env);
    }
    Scope everything = with_programs(Scope{}, config.desired);
    everything.is_candidate = global.config.has_value();
    const Result<Observation> observation = env.engine.observe(everything);
    if (!observation) {
        return give_up(observation.error(), global, env);
    }
    const auto& [observed, ownership, warnings] = *observation;
    const Plan plan = make_plan(config.desired, observed, ownership, everything);
    tell_warnings(warnings, env);
    tell_warnings(plan.warnings, env);
    if (global.json && plan.is_blind()) {
        env.console.warning(observed.network_manager_error); // the text shows it itself
    }
    const DaemonStatus daemon = daemon_status(config, env);
    Status status = make_status(config.desired, observed, ownership, plan, daemon);
    status.counters = counters(env);
    if (observed.units && observed.programs) {
        status.units = unit_states(config.desired.units, *observed.units, *observed.programs);
    }
    env.console.print(global.json ? status_json(status) : status_text(status, env.console.out_colour()));
    return verdict_on(plan);
}

/// Waits until the next look is due. False: the end.
bool wait_for_next(std::chrono::milliseconds interval, ScreenPort& screen) {
    const auto next = std::chrono::steady_clock::now() + interval;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return true;
        }
        if (screen.wait(left).stop) {
            return false;
        }
    }
}

/// Shows it again and again until a signal ends it or nobody reads any more. What is wrong meanwhile, a bad
/// configuration too, is told and looked at again.
ExitCode watch(const StatusOptions& options, const GlobalOptions& global, Environment& env) {
    // The picture may be longer than the terminal: it scrolls, as that of one look does.
    const auto screen = env.live.open_screen(ScreenUse::as_it_comes);
    if (!screen) {
        return give_up(screen.error(), global, env);
    }
    if (!global.json) {
        env.console.show_results_in_place();
    }
    do {
        static_cast<void>(show_status(global, env));
        const std::string picture = env.console.take();
        env.console.print(global.json ? to_line(picture) : picture + "\n");
        if (const auto written = env.console.finish(); !written) {
            return give_up(written.error(), global, env);
        }
    } while (!env.console.nobody_reads() && wait_for_next(options.interval, **screen));
    return ExitCode::done;
}

} // namespace

ExitCode run(const StatusOptions& options, const GlobalOptions& global, Environment& env) {
    return options.watch ? watch(options, global, env) : show_status(global, env);
}

} // namespace keeper::cli
