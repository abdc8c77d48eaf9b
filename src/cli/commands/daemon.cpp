// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/daemon.hpp"

#include "cli/change_permission.hpp"
#include "cli/commands/registry.hpp"
#include "cli/configuration.hpp"
#include "cli/outcome.hpp"
#include "engine/trial.hpp"

namespace keeper::cli {

namespace {

ExitCode run_daemon(const GlobalOptions& global, Environment& env) {
    if (const auto permitted = require_net_admin(env); !permitted) {
        return give_up(permitted.error(), global, env);
    }
    if (global.config) {
        if (const auto none = require_no_try(env.tries, env.ports.clock); !none) {
            return give_up(none.error(), global, env);
        }
    }
    const Result<DaemonEnd> end =
        env.run_daemon([&] { return read_config_silently(global, env); }, global.config.value_or(""));
    if (!end) {
        return give_up(end.error(), global, env);
    }
    switch (*end) {
    case DaemonEnd::stopped:
        return ExitCode::done;
    case DaemonEnd::invalid_configuration:
        return ExitCode::invalid_configuration;
    }
    return ExitCode::failed;
}

} // namespace

Command make_daemon(CLI::App& program) {
    return Command(
        program,
        {.name = "daemon", .summary = "apply, then watch and repair (run by systemd)", .details = R"(
Started by `systemctl enable --now mptcp-keeper`. SIGHUP reloads the files; if
they are invalid, the configuration that is in effect stays. reconcile.mode
selects what the daemon does: enforce, report or manual.

Exit codes: 0 stopped by a signal, 1 failed, 65 invalid configuration,
77 not permitted.
)"},
        run_daemon);
}

} // namespace keeper::cli
