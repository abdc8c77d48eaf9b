// SPDX-License-Identifier: LGPL-2.1-or-later
#include "status/status.hpp"

#include <chrono>

#include <CLI/CLI.hpp>

#include "base/text/duration.hpp"
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/option_value.hpp"
#include "cli/outcome.hpp"
#include "daemon/host_rivals.hpp"
#include "engine/observer.hpp"
#include "model/mptcp_counters.hpp"
#include "report/report_json.hpp"
#include "report/status_text.hpp"

namespace keeper::cli {

namespace {

using std::chrono::milliseconds;

struct StatusArguments {
    bool watch = false;
    milliseconds interval{1000}; ///< between two updates, 100 ms to 1 h
};

Result<milliseconds> parse_interval(const std::string& text) {
    const auto interval = parse_duration(text);
    if (!interval || *interval < milliseconds(100) || *interval > std::chrono::hours(1)) {
        return fail("invalid time " + quoted_name(text) + "; expected 100ms to 1h, such as 2s");
    }
    return *interval;
}

ConfigStatus config_status(const LoadedConfig& config) {
    return {.hash = config.hash, .files = config.files};
}

DaemonStatus daemon_status(const LoadedConfig& config, Environment& env) {
    DaemonStatus status;
    status.invalid_on_disk = !config.valid();
    if (config.valid()) {
        status.mode = config.desired.reconcile.mode.value;
        status.rivals = HostRivals(*env.open_host("")).on_disk(config.desired);
    }
    if (const auto shown = env.tries.shown()) {
        status.tried = {.pending = true, .deadline = shown->deadline, .file = shown->file};
    }
    const auto record = env.daemon.record();
    if (!record) {
        return status;
    }
    if (!status.tried.pending) {
        status.tried.file = record->tried_file;
    }
    status.running = true;
    status.mode = record->mode;
    status.config_hash = record->config_hash;
    status.loaded = record->fingerprint == config.fingerprint;
    status.phase = record->phase;
    status.load_error = record->load_error;
    status.repairs = record->repairs;
    status.history = record->history;
    status.conflicts = record->conflicts;
    status.now = env.ports.clock.now();
    return status;
}

/// The counters that are not 0; none if the kernel shows none.
MptcpCounters nonzero_counters(Environment& env) {
    const auto text = env.open_host("")->netstat();
    if (!text) {
        env.console.warning("the counters could not be read: " + text.error().message);
        return {};
    }
    return non_zero(parse_mptcp_counters(*text));
}

/// Without a valid configuration the host cannot be compared; the daemon keeps its own, or is suspended.
ExitCode refuse_and_show_daemon(const LoadedConfig& config, const GlobalOptions& global, Environment& env) {
    GlobalOptions without_document = global;
    without_document.json = false;
    const ExitCode code = refuse(config, without_document, env);
    const DaemonStatus daemon = daemon_status(config, env);
    env.console.print(
        global.json ? invalid_status_json(check_json(config), config_status(config), daemon)
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
    // It shows the number of connections.
    Result<Observation> observation =
        env.engine.observe(everything, {.connections = Look::Connections::always});
    if (!observation) {
        return give_up(observation.error(), global, env);
    }
    const Plan plan = env.engine.plan(config.desired, *observation, everything);
    const ObservedState& observed = observation->state;
    show_warnings(observation->warnings, env);
    show_warnings(plan.warnings, env);
    if (global.json && plan.is_blind()) {
        env.console.warning(observed.network_manager_error); // part of the text output
    }
    const DaemonStatus daemon = daemon_status(config, env);
    Status status = make_status(config.desired, observed, observation->ownership, plan, daemon);
    status.counters = nonzero_counters(env);
    status.config = config_status(config);
    if (observed.units && observed.programs) {
        status.units =
            unit_states(config.desired.units, *observed.units, *observed.programs, config.desired.never);
    }
    env.console.print(global.json ? status_json(status) : status_text(status, env.console.out_colour()));
    return verdict(plan);
}

/// Waits until the next update is due; false if the command is to end.
bool wait_for_update(milliseconds interval, ScreenPort& screen, ClockPort& clock) {
    const milliseconds due = clock.now() + interval;
    for (;;) {
        const milliseconds left = due - clock.now();
        if (left.count() <= 0) {
            return true;
        }
        if (screen.wait(left).stop) {
            return false;
        }
    }
}

/// Shows the status until a signal arrives or the reader of the output is gone. Problems in between, such as
/// an invalid configuration, are reported and do not end it.
ExitCode watch_status(const StatusArguments& arguments, const GlobalOptions& global, Environment& env) {
    // The status may be longer than the terminal: it scrolls, as without --watch.
    const auto screen = env.open_screen(ScreenUse::scrolling);
    if (!screen) {
        return give_up(screen.error(), global, env);
    }
    if (!global.json) {
        env.console.show_results_in_place();
    }
    do {
        static_cast<void>(show_status(global, env));
        const std::string status = env.console.take();
        env.console.print(global.json ? to_line(status) : status + "\n");
        if (const auto written = env.console.finish(); !written) {
            return give_up(written.error(), global, env);
        }
    } while (!env.console.reader_is_gone() && wait_for_update(arguments.interval, **screen, env.ports.clock));
    return ExitCode::done;
}

} // namespace

Command make_status(CLI::App& program) {
    const auto arguments = std::make_shared<StatusArguments>();
    Command command(
        program,
        {.name = "status", .summary = "compare desired and observed state, item by item", .details = R"(
Also shows the kernel's MPTCP counters that are not zero, each with its meaning,
and the daemon's latest repairs. --watch refreshes the output on a terminal and
repeats it elsewhere, until it is interrupted or the output is closed; with
--json, it prints one object per line.

Exit codes: 0 in sync, 2 differs, 1 failed, 65 invalid configuration; with
--watch, 0 when it is interrupted.

Examples:
  mptcp-keeper status
  mptcp-keeper status --watch --interval 5s
  mptcp-keeper status --json | jq '.profiles[] | select(.pending)'
)"},
        [arguments](const GlobalOptions& global, Environment& env) {
            return arguments->watch ? watch_status(*arguments, global, env) : show_status(global, env);
        });
    command.app->add_flag("--watch", arguments->watch, "repeat until interrupted");
    command.app
        ->add_option_function<std::string>(
            "--interval",
            [arguments](const std::string& text) {
                arguments->interval = valid_value("--interval", parse_interval(text));
            },
            "time between two updates, 100ms to 1h (default 1s)")
        ->type_name("TIME");
    return command;
}

} // namespace keeper::cli
