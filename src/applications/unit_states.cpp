// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/unit_states.hpp"

#include <algorithm>
#include <set>

#include "applications/declared_units.hpp"
#include "applications/socket_units.hpp"
#include "applications/unit_drop_ins.hpp"
#include "base/text/shell_word.hpp"
#include "model/go_build.hpp"

namespace keeper {

namespace {

bool is_template(const std::string& unit) {
    return unit.find("@.") != std::string::npos;
}

/// A Go program creates its sockets without libc: only GODEBUG affects it, and only since Go 1.21.
bool is_in_effect(const ObservedProcess& process) {
    const bool is_prepared =
        process.is_go ? process.asks_go && go_knows_mptcp(process.go_version) : process.has_preload;
    return process.mptcp_sockets > 0 || (is_prepared && process.tcp_sockets == 0);
}

/// Why a program that was started with the variables does not use MPTCP; "" if it was not.
std::string why_ineffective(const ObservedProcess& process, const ObservedUnits& host) {
    const std::string subject = describe_process(process.name, process.pid) + " ";
    if (process.is_go && !go_knows_mptcp(process.go_version)) {
        return subject + "was built with Go " + process.go_version + "; MPTCP requires Go 1.21 or later";
    }
    if (process.is_go) {
        const std::string why = process.go_version.empty()
                                    ? ", which requires Go 1.21 or later"
                                    : ": it creates them in its own way, or inherited them";
        return process.asks_go ? subject + "has TCP sockets despite GODEBUG=multipathtcp=1" + why : "";
    }
    if (process.is_static) {
        return subject + "is statically linked: nothing can be preloaded into it";
    }
    if (process.is_secure) {
        return subject + "is setuid, setgid or has capabilities: the loader ignores LD_PRELOAD";
    }
    if (process.has_preload) {
        return subject +
               "has libmptcpwrap loaded, but all its sockets are TCP: they were passed to it; declare the "
               "socket unit that opened them or, if systemd kept them across the restart "
               "(NFileDescriptorStore of `systemctl show`), run `systemctl stop " +
               shell_word(process.unit) + "; systemctl clean --what=fdstore " + shell_word(process.unit) +
               "; systemctl start " + shell_word(process.unit) + "`";
    }
    if (process.asks_for_preload) {
        return subject +
               "was started with libmptcpwrap but has not loaded it; check whether SELinux prevents it";
    }
    if (process.sockets_known && !host.has_preload_library) {
        return "libmptcpwrap is not installed; install mptcpize or mptcpd, then restart the unit";
    }
    if (process.asks_go) {
        return subject + "was started without libmptcpwrap, which was not installed at that time; install "
                         "mptcpize (Debian, Ubuntu) or mptcpd (Fedora, RHEL), then restart the unit";
    }
    return "";
}

/// The processes with sockets, or all if none has any. A shell that started the program has none.
std::vector<const ObservedProcess*> holders_of_sockets(std::vector<const ObservedProcess*> processes) {
    const auto holds_none = [](const ObservedProcess* process) {
        return process->sockets_known && process->tcp_sockets + process->mptcp_sockets == 0;
    };
    if (!std::all_of(processes.begin(), processes.end(), holds_none)) {
        processes.erase(std::remove_if(processes.begin(), processes.end(), holds_none), processes.end());
    }
    return processes;
}

UnitStatus evaluate_service(
    UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& host) {
    if (processes.empty()) {
        status.reason = host.failed.count(status.unit) == 0
                            ? "it is not running"
                            : "it failed (see `journalctl -u " + shell_word(status.unit) +
                                  "`); if it does not work with MPTCP sockets, remove it from "
                                  "applications.units, then run `mptcp-keeper apply` and `systemctl start " +
                                  shell_word(status.unit) + "`";
        return status;
    }
    bool all_seen = true;
    for (const ObservedProcess* process : holders_of_sockets(processes)) {
        status.sockets += static_cast<std::uint32_t>(process->tcp_sockets + process->mptcp_sockets);
        if (is_in_effect(*process)) {
            status.state = UnitState::in_effect;
        } else if (status.reason.empty()) {
            status.reason = why_ineffective(*process, host);
        }
        all_seen = all_seen && process->sockets_known;
    }
    if (status.state == UnitState::in_effect) {
        status.reason.clear();
    } else if (!status.reason.empty()) {
        status.state = UnitState::ineffective;
    } else if (!all_seen) {
        status.state = UnitState::unknown;
        status.reason = "its processes could not be read; run this command as root";
    } else if (host.mptcp_stays_off) {
        status.state = UnitState::ineffective;
        status.is_refused = true;
        status.reason =
            "net.mptcp.enabled is not 1, so its MPTCP sockets would fail; declare sysctl.enabled: true";
    } else {
        status.state = UnitState::needs_restart;
        status.reason =
            "it is running without MPTCP; restart it, or run `mptcp-keeper apply --restart-units`";
    }
    return status;
}

/// systemd opens the sockets of a socket unit and reports which units are open; the listening sockets on
/// their addresses show the protocol.
UnitStatus evaluate_socket(UnitStatus status, const ObservedUnits& host, bool is_named) {
    const auto sockets = host.sockets.find(status.unit);
    status.reason = why_not_mptcp(status.unit, host);
    if (!status.reason.empty()) {
        status.state = UnitState::ineffective;
        status.is_refused = is_named;
        return status;
    }
    const SocketUnitState state = state_of_sockets(sockets->second, host.listeners);
    if (host.open_sockets.count(status.unit) == 0 || state == SocketUnitState::closed) {
        status.reason = "it is not active";
    } else if (state == SocketUnitState::mptcp) {
        status.state = UnitState::in_effect;
    } else {
        status.state = UnitState::needs_restart;
        status.reason = "systemd opened its sockets without MPTCP; stop its service and restart it, or run "
                        "`mptcp-keeper apply --restart-units`";
    }
    return status;
}

} // namespace

std::string_view to_string(UnitState state) {
    switch (state) {
    case UnitState::in_effect:
        return "in-effect";
    case UnitState::needs_restart:
        return "needs-restart";
    case UnitState::ineffective:
        return "ineffective";
    case UnitState::not_running:
        return "not-running";
    case UnitState::not_found:
        return "not-found";
    case UnitState::unknown:
        return "unknown";
    }
    return "";
}

ProcessQuery processes_of_units(const std::map<std::string, Source>& declared) {
    return {[declared](const std::string& unit) { return declares_unit(declared, unit); }};
}

std::vector<UnitStatus> unit_states(
    const std::map<std::string, Source>& declared, const ObservedUnits& host, const ProcessList& running) {
    std::map<std::string, UnitStatus> found;
    std::map<std::string, std::vector<const ObservedProcess*>> processes;
    for (const ObservedProcess& process : running.processes) {
        processes[process.unit].push_back(&process);
    }
    for (const auto& [name, source] : declared) {
        std::set<std::string> units;
        const auto add = [&, &name = name](const std::string& unit) {
            const auto sockets = host.sockets.find(unit);
            const bool has_no_address = sockets != host.sockets.end() && sockets->second.tcp.empty();
            if (means_unit(name, unit) && !is_template(unit) && (unit == name || !has_no_address)) {
                units.insert(unit);
            }
        };
        const std::vector<std::string> meant = units_meant_by(name, host);
        std::for_each(host.known.begin(), host.known.end(), add);
        std::for_each(meant.begin(), meant.end(), add);
        std::for_each(host.open_sockets.begin(), host.open_sockets.end(), add);
        std::for_each(processes.begin(), processes.end(), [&](const auto& item) { add(item.first); });
        for (const std::string& unit : units) {
            UnitStatus status{.unit = unit, .source = to_string(source)};
            if (unit.ends_with(".service")) {
                found.emplace(unit, evaluate_service(std::move(status), processes[unit], host));
            } else if (unit.ends_with(".socket")) {
                found.emplace(unit, evaluate_socket(std::move(status), host, unit == name));
            }
        }
        if (units.empty() && meant.empty() && !means_others(name, declared)) {
            found.emplace(
                name,
                UnitStatus{
                    .unit = name,
                    .state = UnitState::not_found,
                    .reason = "the unit does not exist",
                    .source = to_string(source)});
        }
    }
    std::vector<UnitStatus> result;
    for (auto& [unit, status] : found) {
        result.push_back(std::move(status));
    }
    return result;
}

} // namespace keeper
