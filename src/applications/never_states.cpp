// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/never_states.hpp"

#include <algorithm>

#include "applications/native_programs.hpp"
#include "applications/socket_units.hpp"
#include "base/text/shell_word.hpp"
#include "model/go_build.hpp"

namespace keeper {

namespace {

constexpr const char* restart_advice = "; restart it, or run `mptcp-keeper apply --restart-units`";

/// The unit whose sockets systemd opens as MPTCP and passes to that service; "" for none.
std::string mptcp_socket_of(const std::string& service, const ObservedUnits& host) {
    for (const auto& [name, socket] : host.sockets) {
        if (serves(name, socket, service) &&
            state_of_sockets(socket, host.listeners) == SocketUnitState::mptcp) {
            return name;
        }
    }
    return "";
}

/// Whether its environment makes a Go program use MPTCP. With MPTCP sockets and without such an environment,
/// its code requests them.
bool asks_by_environment(const ObservedProcess& process) {
    if (process.is_go) {
        return process.asks_go || (!process.refuses_go && go_listens_with_mptcp(process.go_version));
    }
    // GODEBUG shows that it was started with the drop-in, which removes the library from LD_PRELOAD.
    return process.has_preload && !process.refuses_go;
}

/// Whether its environment, apart from a default of Go, makes its next sockets MPTCP.
bool will_use_mptcp(const ObservedProcess& process) {
    return process.is_go ? process.asks_go : process.has_preload && !process.refuses_go;
}

std::string why_mptcp(const ObservedProcess& process, const ObservedUnits& host) {
    const std::string subject = describe_process(process.name, process.pid) + " ";
    if (const std::string socket = mptcp_socket_of(process.unit, host); !socket.empty()) {
        return subject + "got its MPTCP sockets from " + socket + "; declare " + socket +
               " under applications.never, too";
    }
    if (process.is_go) {
        return subject + "requests MPTCP in its code (SetMultipathTCP), which GODEBUG does not override";
    }
    if (process.has_preload) {
        return subject + "has libmptcpwrap loaded, but not by LD_PRELOAD of its unit; remove mptcpize from "
                         "its ExecStart=, or the library from /etc/ld.so.preload";
    }
    const NativeProgram* program = find_native_program(process.executable);
    return subject + "requests MPTCP itself; " +
           (program == nullptr ? "switch MPTCP off in its configuration" : std::string(program->removal)) +
           ", then restart it";
}

UnitStatus evaluate_never_service(
    UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& host) {
    bool all_seen = true;
    bool needs_restart = false;
    bool will_need_restart = false;
    for (const ObservedProcess* process : processes) {
        status.sockets += static_cast<std::uint32_t>(process->tcp_sockets + process->mptcp_sockets);
        all_seen = all_seen && process->sockets_known;
        if (process->mptcp_sockets == 0) {
            will_need_restart = will_need_restart || will_use_mptcp(*process);
            continue;
        }
        if (asks_by_environment(*process)) {
            needs_restart = true;
        } else if (status.reason.empty()) {
            status.reason = why_mptcp(*process, host);
        }
    }
    if (needs_restart) {
        status.state = UnitState::needs_restart;
        status.reason = "it uses MPTCP because of the environment it was started with";
        status.reason += restart_advice;
    } else if (!status.reason.empty()) {
        status.state = UnitState::ineffective;
    } else if (will_need_restart) {
        status.state = UnitState::needs_restart;
        status.reason = "its next sockets would be MPTCP because of the environment it was started with";
        status.reason += restart_advice;
    } else if (!all_seen) {
        status.state = UnitState::unknown;
        status.reason = "its processes could not be read; run this command as root";
    } else if (host.systemd_runs && !has_drop_in_for(status.unit, host, UnitProtocol::tcp)) {
        status.state = UnitState::ineffective;
        status.reason = "systemd has not loaded its drop-in; run `mptcp-keeper apply`";
    } else {
        status.state = UnitState::in_effect;
    }
    return status;
}

UnitStatus evaluate_never_socket(UnitStatus status, const ObservedUnits& host) {
    const auto sockets = host.sockets.find(status.unit);
    const SocketUnitState state = sockets == host.sockets.end()
                                      ? SocketUnitState::closed
                                      : state_of_sockets(sockets->second, host.listeners);
    if (sockets != host.sockets.end() && sockets->second.tcp.empty()) {
        status.state = UnitState::in_effect;
        status.reason = "it does not listen on a TCP address";
    } else if (host.open_sockets.count(status.unit) == 0 || state == SocketUnitState::closed) {
        status.reason = "it is not active";
    } else if (state == SocketUnitState::tcp) {
        status.state = UnitState::in_effect;
    } else if (sockets->second.asks_for_mptcp) {
        status.state = UnitState::ineffective;
        status.reason =
            "its own files set SocketProtocol=mptcp, and systemd does not let a drop-in reset it; "
            "remove that line, then run `systemctl daemon-reload`, stop its service and restart it";
    } else {
        status.state = UnitState::needs_restart;
        status.reason = "systemd opened its sockets with MPTCP; stop its service and restart it, or run "
                        "`mptcp-keeper apply --restart-units`";
    }
    return status;
}

} // namespace

UnitStatus evaluate_never(
    UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& host) {
    if (status.unit.ends_with(".socket")) {
        return evaluate_never_socket(std::move(status), host);
    }
    if (processes.empty()) {
        status.reason = host.failed.count(status.unit) == 0
                            ? "it is not running"
                            : "it failed (see `journalctl -u " + shell_word(status.unit) + "`)";
        return status;
    }
    return evaluate_never_service(std::move(status), processes, host);
}

} // namespace keeper
