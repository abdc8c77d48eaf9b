// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/unit_states.hpp"

#include <algorithm>
#include <set>

#include "applications/declared_units.hpp"
#include "applications/native_programs.hpp"
#include "applications/never_states.hpp"
#include "applications/socket_units.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "model/go_build.hpp"

namespace keeper {

namespace {

/// A Go program creates its sockets without libc: only GODEBUG affects it, and only since Go 1.21.
bool is_in_effect(const ObservedProcess& process) {
    const bool is_prepared =
        process.is_go ? process.asks_go && go_knows_mptcp(process.go_version) : process.has_preload;
    return process.mptcp_sockets > 0 || (is_prepared && process.tcp_sockets == 0);
}

/// The socket unit whose sockets systemd passes to the service; "" for none that is open.
std::string socket_of(const std::string& service, const ObservedUnits& host) {
    for (const auto& [name, socket] : host.sockets) {
        if (host.open_sockets.count(name) != 0 && !socket.tcp.empty() && serves(name, socket, service)) {
            return name;
        }
    }
    return "";
}

/// What makes new sockets of a service MPTCP if it was handed TCP sockets.
std::string cure_for_passed_sockets(const std::string& service, const ObservedUnits& host) {
    const std::string socket = socket_of(service, host);
    if (!socket.empty() && host.systemd_version < first_systemd_with_mptcp_sockets) {
        return socket + " opens them, and systemd " + std::to_string(host.systemd_version) +
               " cannot open MPTCP sockets (257 can); if the service can listen by itself, run `" +
               listen_without(socket, service) + "`";
    }
    if (!socket.empty()) {
        return socket + " opens them; declare " + socket + " under applications.units";
    }
    return "declare the socket unit that opened them; if systemd kept them across the restart "
           "(NFileDescriptorStore of `systemctl show`), run `" +
           restart_without_stored_sockets(service) +
           "`; if a process of another unit passes them on, such as an old version during an upgrade, "
           "stop that one, too";
}

/// If it has MPTCP sockets and also listens with TCP.
std::string remark_about_listeners(const ObservedProcess& process, const ObservedUnits& host) {
    if (process.tcp_listeners == 0 || process.mptcp_sockets == 0) {
        return "";
    }
    const bool is_one = process.tcp_listeners == 1;
    return std::to_string(process.tcp_listeners) + " of its listening sockets " + (is_one ? "is" : "are") +
           " plain TCP: " + (is_one ? "it was" : "they were") + " passed to it; " +
           cure_for_passed_sockets(process.unit, host);
}

void add_native_option(const ObservedProcess& process, std::string& reason) {
    const std::string option = describe_native_option(process.executable);
    if (!reason.empty() && !option.empty()) {
        reason += "; " + option;
    }
}

/// Why a program that was started with the variables does not use MPTCP; "" if it was not.
std::string why_ineffective(const ObservedProcess& process, const ObservedUnits& host) {
    const std::string subject = describe_process(process.name, process.pid) + " ";
    if (process.is_go && !go_knows_mptcp(process.go_version)) {
        return subject + "was built with Go " + process.go_version + "; MPTCP requires Go 1.21 or later";
    }
    // Under `never` its LD_PRELOAD would not have the library.
    if (process.is_go && process.refuses_go && process.asks_for_preload) {
        return subject + "does not use MPTCP: its GODEBUG has multipathtcp=0; remove it from the unit";
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
        return subject + "has libmptcpwrap loaded, but all its sockets are TCP: they were passed to it; " +
               cure_for_passed_sockets(process.unit, host);
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

/// Whether the unit was taken back to TCP; the status then says so.
bool is_taken_back(UnitStatus& status, const ObservedUnits& host) {
    const auto back = find_unit_or_template(status.unit, host.taken_back);
    if (back == host.taken_back.end()) {
        return false;
    }
    status.state = UnitState::ineffective;
    status.reason = describe_taken_back(status.unit, back->second);
    status.may_be_tried_again = back->second == taken_back_with_others;
    return true;
}

UnitStatus evaluate_service(
    UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& host) {
    if (host.failed.count(status.unit) != 0) {
        status.reason = describe_failure(status.unit, host);
        status.fails_with_mptcp = fails_since_turned(status.unit, host);
        return status;
    }
    if (processes.empty()) {
        status.reason = "it is not running";
        return status;
    }
    status.executable = processes.front()->executable;
    bool all_seen = true;
    std::string remark;
    for (const ObservedProcess* process : processes) {
        status.sockets += static_cast<std::uint32_t>(process->tcp_sockets + process->mptcp_sockets);
        if (is_in_effect(*process)) {
            status.state = UnitState::in_effect;
            remark = remark.empty() ? remark_about_listeners(*process, host) : remark;
        } else if (status.reason.empty()) {
            status.reason = why_ineffective(*process, host);
            add_native_option(*process, status.reason);
        }
        all_seen = all_seen && process->sockets_known;
    }
    if (status.state == UnitState::in_effect) {
        status.reason = remark;
    } else if (is_taken_back(status, host)) {
        return status;
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
        status.reason = "it is running without MPTCP; restart it (a reload is not enough), or run "
                        "`mptcp-keeper apply --restart-units`";
        add_native_option(*processes.front(), status.reason);
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
    } else if (!is_taken_back(status, host)) {
        status.state = UnitState::needs_restart;
        status.reason = "systemd opened its sockets without MPTCP; stop its service and restart it, or run "
                        "`mptcp-keeper apply --restart-units`";
    }
    return status;
}

using ProcessesByUnit = std::map<std::string, std::vector<const ObservedProcess*>>;

ProcessesByUnit by_unit(const ProcessList& running) {
    ProcessesByUnit processes;
    for (const ObservedProcess& process : running.processes) {
        processes[process.unit].push_back(&process);
    }
    return processes;
}

std::vector<const ObservedProcess*> holders_in(const ProcessesByUnit& processes, const std::string& unit) {
    const auto own = processes.find(unit);
    return own == processes.end() ? std::vector<const ObservedProcess*>{} : holders_of_sockets(own->second);
}

/// The units, but no templates, that a name or glob means: known ones, and those that run.
std::set<std::string>
units_of_entry(const std::string& name, const ObservedUnits& host, const ProcessesByUnit& processes) {
    std::set<std::string> units;
    const auto add = [&](const std::string& unit) {
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
    return units;
}

void add_if_missing(
    const std::string& name,
    const Source& source,
    const std::map<std::string, Source>& list,
    UnitProtocol protocol,
    const ObservedUnits& host,
    const ProcessesByUnit& processes,
    std::map<std::string, UnitStatus>& found) {
    if (units_of_entry(name, host, processes).empty() && units_meant_by(name, host).empty() &&
        !means_others(name, list)) {
        found.emplace(
            name,
            UnitStatus{
                .unit = name,
                .state = UnitState::not_found,
                .reason = "the unit does not exist",
                .source = to_string(source),
                .protocol = protocol});
    }
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

ProcessQuery processes_of_units(
    const std::map<std::string, Source>& declared, const std::map<std::string, Source>& never) {
    return {[declared, never](const std::string& unit) {
        return declares_unit(declared, unit) || declares_unit(never, unit);
    }};
}

std::vector<UnitStatus> unit_states(
    const std::map<std::string, Source>& declared,
    const ObservedUnits& host,
    const ProcessList& running,
    const std::map<std::string, Source>& never) {
    const ProcessesByUnit processes = by_unit(running);
    std::map<std::string, UnitStatus> found;
    for (const auto& [name, source] : never) {
        for (const std::string& unit : units_of_entry(name, host, processes)) {
            if (stays_on_tcp(unit, declared, never)) {
                UnitStatus status{.unit = unit, .source = to_string(source), .protocol = UnitProtocol::tcp};
                found.emplace(unit, evaluate_never(std::move(status), holders_in(processes, unit), host));
            }
        }
        add_if_missing(name, source, never, UnitProtocol::tcp, host, processes, found);
    }
    for (const auto& [name, source] : declared) {
        for (const std::string& unit : units_of_entry(name, host, processes)) {
            UnitStatus status{.unit = unit, .source = to_string(source)};
            if (stays_on_tcp(unit, declared, never)) {
                continue;
            }
            if (unit.ends_with(".service")) {
                found.emplace(unit, evaluate_service(std::move(status), holders_in(processes, unit), host));
            } else if (unit.ends_with(".socket")) {
                found.emplace(unit, evaluate_socket(std::move(status), host, unit == name));
            }
        }
        add_if_missing(name, source, declared, UnitProtocol::mptcp, host, processes, found);
    }
    std::vector<UnitStatus> result;
    for (auto& [unit, status] : found) {
        result.push_back(std::move(status));
    }
    return result;
}

} // namespace keeper
