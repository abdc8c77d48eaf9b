// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "cli/console.hpp"
#include "config/config.hpp"
#include "daemon/daemon.hpp"
#include "engine/engine.hpp"
#include "ports/config_port.hpp"
#include "ports/daemon_port.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/diagnosis_port.hpp"
#include "ports/host_port.hpp"
#include "ports/lock_port.hpp"
#include "ports/monitor_port.hpp"
#include "ports/process_port.hpp"
#include "ports/scope_port.hpp"
#include "ports/screen_port.hpp"
#include "ports/try_port.hpp"

namespace keeper::cli {

/// Everything outside the program that commands use. Borrowed; main() wires it.
struct Environment {
    std::string version;
    Console& console;
    Engine& engine;
    const Ports& ports; ///< the engine's, for commands that read the host without it
    ConfigPort& config_files;
    LockPort& lock;
    DaemonPort& daemon;
    DeclarationMarkPort& mark;
    TryPort& tries;
    TryClockPort& try_clock;
    ProcessPort& processes;
    ScopePort& scopes;
    DiagnosisPort& diagnosis;

    /// Files of other programs below that root; "" for the running system.
    std::function<std::unique_ptr<HostPort>(const std::string& root)> open_host;
    /// These take over signals of the process, so that they are opened only where they are used.
    std::function<Result<std::unique_ptr<MonitorPort>>()> open_monitor;
    std::function<Result<std::unique_ptr<ScreenPort>>(ScreenUse)> open_screen;
    std::function<Result<std::unique_ptr<TryWaitPort>>()> open_try_wait;
    /// Runs the daemon until it is stopped. `load` reads the configuration; own_file: see Daemon.
    std::function<Result<DaemonEnd>(const std::function<LoadedConfig()>& load, const std::string& own_file)>
        run_daemon;
};

} // namespace keeper::cli
