// SPDX-License-Identifier: LGPL-2.1-or-later
#include <CLI/CLI.hpp>

#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/outcome.hpp"
#include "model/mptcp_counters.hpp"
#include "report/metrics_text.hpp"

namespace keeper::cli {

namespace {

/// Without a daemon the files are what is in force, and nothing was repaired.
void add_declaration(HostMetrics& metrics, const LoadedConfig& config, Environment& env) {
    metrics.version = env.version;
    metrics.config_hash = config.hash;
    metrics.config_valid = config.valid();
    metrics.try_pending = env.tries.shown().has_value();
    metrics.repairs = std::map<Resource, std::uint64_t>{};
    if (const auto record = env.daemon.record()) {
        add_daemon(metrics, *record);
        metrics.config_loaded = record->fingerprint == config.fingerprint;
    }
}

/// What the running daemon enforces, which the textfile is about, if that is not what is on disk. Only root
/// can read it.
LoadedConfig config_in_force(const LoadedConfig& on_disk, const GlobalOptions& global, Environment& env) {
    const auto record = env.daemon.record();
    if (global.config || !record || record->fingerprint == on_disk.fingerprint) {
        return on_disk;
    }
    const auto loaded = env.tries.loaded();
    return loaded && loaded->fingerprint == record->fingerprint ? parse_sources(loaded->files) : on_disk;
}

/// A host whose configuration is invalid is shown, but cannot be compared with it.
Result<void> add_observation(HostMetrics& metrics, const LoadedConfig& config, Environment& env) {
    Scope scope; // as that of the daemon
    scope.sections.erase(Section::units);
    scope.is_candidate = false;
    scope.declares_program_hook = declares_program_hook(config.desired);
    auto observation = env.engine.observe(scope, {.connections = Look::Connections::always});
    if (!observation) {
        return propagate(observation);
    }
    const DesiredState desired = config.valid() ? config.desired : DesiredState{};
    const Plan plan = env.engine.plan(desired, *observation, scope);
    show_warnings(observation->warnings, env);
    add_host(metrics, desired, observation->state, observation->ownership, plan);
    if (config.valid()) {
        metrics.in_sync = plan.in_sync();
        metrics.last_check = env.ports.clock.wall_now();
    }
    return {};
}

ExitCode show_metrics(const GlobalOptions& global, Environment& env) {
    const LoadedConfig config = read_config(global, env);
    HostMetrics metrics;
    add_declaration(metrics, config, env);
    const LoadedConfig in_force = config_in_force(config, global, env);
    if (const auto added = add_observation(metrics, in_force, env); !added) {
        return give_up(added.error(), global, env);
    }
    if (in_force.desired.metrics.with_counters()) {
        if (const auto netstat = env.open_host("")->netstat()) {
            metrics.counters = parse_mptcp_counters(*netstat);
        } else {
            env.console.warning("the counters could not be read: " + netstat.error().message);
        }
    }
    env.console.print(global.json ? metrics_json(metrics) : metrics_text(metrics));
    return ExitCode::done;
}

} // namespace

Command make_metrics(CLI::App& program) {
    return Command(
        program,
        {.name = "metrics", .summary = "print the metrics for Prometheus", .details = R"(
What the daemon writes to metrics.textfile, in the text format of Prometheus.
Repairs and conflicts are those of the running daemon. The host is compared with
what the daemon enforces or, without one and for users other than root, with the
files on disk; without units.

Exit codes: 0 done, in sync or not; 1 failed.

Examples:
  mptcp-keeper metrics
  mptcp-keeper metrics | promtool check metrics
)"},
        show_metrics);
}

} // namespace keeper::cli
