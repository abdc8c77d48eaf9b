#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/console.hpp"
#include "cli/live_ports.hpp"
#include "config/config.hpp"
#include "daemon/daemon.hpp"
#include "engine/engine.hpp"
#include "model/daemon_record.hpp"
#include "ports/config_port.hpp"
#include "ports/daemon_port.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/diagnosis_port.hpp"
#include "ports/host_port.hpp"
#include "ports/lock_port.hpp"

namespace keeper::cli {

/// What came of an exec that did not happen.
struct ExecFailure {
    bool is_missing = false; ///< there is no such program
    std::string message;
};

/// What the commands need of the outside world; main() wires it.
struct Environment {
    std::string version;
    Console& console;
    Engine& engine;
    ConfigPort& config_files;
    /// Takes the lock that every change of the host needs, for as long as the guard lives; calls the function
    /// once where that takes longer than a moment.
    std::function<Result<std::unique_ptr<LockPort::Guard>>(const std::function<void()>& notice)> lock;
    /// Whether this process has the right to change the network at all.
    std::function<bool()> may_change_network;
    /// The record of the daemon that runs, if one does: to show, and for any user. What a command may do
    /// beside the daemon it asks the daemon itself.
    std::function<std::optional<DaemonRecord>()> running_daemon;
    DaemonPort& daemon;
    DeclarationMarkPort& mark;
    /// Is the daemon until it is told to stop, and says how that ended. Reads its files by the
    /// function; own_file: see Daemon.
    std::function<Result<DaemonEnd>(const std::function<LoadedConfig()>& load, const std::string& own_file)>
        be_daemon;
    /// Sentences about files of this host that say otherwise than is declared.
    std::function<std::vector<std::string>(const DesiredState&)> rivals_on_disk;
    /// Files of others below that root; "" for the running system.
    std::function<std::unique_ptr<HostPort>(const std::string& root)> open_host;
    /// libmptcpwrap, where it is installed.
    std::function<std::optional<std::string>()> find_preload_library;
    /// Becomes that program with these variables, and returns only where that fails.
    std::function<ExecFailure(
        const std::vector<std::string>& command, const std::map<std::string, std::string>& variables)>
        become;
    /// What doctor looks at besides the observed state.
    DiagnosisPort& diagnosis;
    LivePorts live;
    /// systemd's own names of the units that have several.
    std::function<std::map<std::string, std::string>()> unit_aliases;
};

} // namespace keeper::cli
