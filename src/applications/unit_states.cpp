#include "applications/unit_states.hpp"

#include <algorithm>
#include <set>

#include "applications/declared_units.hpp"
#include "applications/socket_units.hpp"
#include "applications/unit_drop_ins.hpp"
#include "model/go_build.hpp"

namespace keeper {

namespace {

bool is_template(const std::string& unit) {
    return unit.find("@.") != std::string::npos;
}

/// A program of Go makes its sockets without libc: for it only GODEBUG counts, and only since Go 1.21.
bool is_in_effect(const ObservedProcess& process) {
    const bool is_prepared =
        process.is_go ? process.asks_go && go_knows_mptcp(process.go_version) : process.has_preload;
    return process.mptcp_sockets > 0 || (is_prepared && process.tcp_sockets == 0);
}

/// Why a program that was started with the variables does not use MPTCP; "" where it was not.
std::string why_ineffective(const ObservedProcess& process, const ObservedUnits& host) {
    const std::string who = process.name + " (pid " + std::to_string(process.pid) + ") ";
    if (process.is_go && !go_knows_mptcp(process.go_version)) {
        return who + "was made by Go " + process.go_version + ", and 1.21 is the first that can use MPTCP";
    }
    if (process.is_go) {
        const std::string why = process.go_version.empty() ? ", which Go 1.21 is the first to know"
                                                           : ": it makes them in a way of its own";
        return process.asks_go ? who + "has TCP sockets in spite of GODEBUG=multipathtcp=1" + why : "";
    }
    if (process.is_static) {
        return who + "is a static program: nothing can be preloaded into it";
    }
    if (process.is_secure) {
        return who + "is setuid or the like: the loader ignores LD_PRELOAD";
    }
    if (process.has_preload) {
        return who +
               "is prepared for MPTCP, and all its sockets are TCP: they were handed to it. Declare the "
               "socket unit that opened them; where systemd kept them over the restart (NFileDescriptorStore "
               "of `systemctl show`), run `systemctl stop " +
               process.unit + "; systemctl clean --what=fdstore " + process.unit + "; systemctl start " +
               process.unit + "`";
    }
    if (process.asks_for_preload) {
        return who + "was started with libmptcpwrap and has not loaded it; does SELinux forbid it?";
    }
    if (process.sockets_known && !host.has_preload_library) {
        return "libmptcpwrap is not installed: install mptcpize or mptcpd, and restart it then";
    }
    if (process.asks_go) {
        return who + "was started without libmptcpwrap, which was not installed then; install mptcpize "
                     "(Debian, Ubuntu) or mptcpd (Fedora, RHEL) and restart it";
    }
    return "";
}

/// Those that count: which hold sockets, where any does. A shell around the program holds none.
std::vector<const ObservedProcess*> holders_of_sockets(std::vector<const ObservedProcess*> processes) {
    const auto holds_none = [](const ObservedProcess* process) {
        return process->sockets_known && process->tcp_sockets + process->mptcp_sockets == 0;
    };
    if (!std::all_of(processes.begin(), processes.end(), holds_none)) {
        processes.erase(std::remove_if(processes.begin(), processes.end(), holds_none), processes.end());
    }
    return processes;
}

UnitStatus
judge(UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& host) {
    if (processes.empty()) {
        status.reason = host.failed.count(status.unit) == 0
                            ? "it does not run"
                            : "it failed, and `journalctl -u " + status.unit +
                                  "` shows why; where it cannot work with MPTCP sockets, remove it from "
                                  "applications.units, then run `mptcp-keeper apply` and `systemctl start " +
                                  status.unit + "`";
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
        status.reason = "its programs may not be looked at; run this as root";
    } else if (host.mptcp_stays_off) {
        status.state = UnitState::ineffective;
        status.is_refused = true;
        status.reason = "net.mptcp.enabled is not 1, and its MPTCP sockets would fail; declare it on";
    } else {
        status.state = UnitState::needs_restart;
        status.reason = "it runs without MPTCP: restart it, or run `mptcp-keeper apply --restart-units`";
    }
    return status;
}

/// systemd opens the sockets of a socket unit, and says which of its units it has opened; who listens on
/// their addresses says what they are.
UnitStatus judge_socket(UnitStatus status, const ObservedUnits& host, bool is_named) {
    const auto sockets = host.sockets.find(status.unit);
    status.reason = why_not_mptcp(status.unit, host);
    if (!status.reason.empty()) {
        status.state = UnitState::ineffective;
        status.is_refused = is_named;
        return status;
    }
    const SocketUnitState state = state_of_sockets(sockets->second, host.listeners);
    if (host.open_sockets.count(status.unit) == 0 || state == SocketUnitState::closed) {
        status.reason = "it is not started";
    } else if (state == SocketUnitState::mptcp) {
        status.state = UnitState::in_effect;
    } else {
        status.state = UnitState::needs_restart;
        status.reason =
            "systemd opened its sockets without MPTCP: restart it, which its service has to stop for, or "
            "run `mptcp-keeper apply --restart-units`";
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
            UnitStatus status{unit, UnitState::not_running, "", to_string(source), 0, false};
            if (unit.ends_with(".service")) {
                found.emplace(unit, judge(std::move(status), processes[unit], host));
            } else if (unit.ends_with(".socket")) {
                found.emplace(unit, judge_socket(std::move(status), host, unit == name));
            }
        }
        if (units.empty() && meant.empty() && !means_others(name, declared)) {
            found.emplace(
                name,
                UnitStatus{name, UnitState::not_found, "there is no such unit", to_string(source), 0, false});
        }
    }
    std::vector<UnitStatus> result;
    for (auto& [unit, status] : found) {
        result.push_back(std::move(status));
    }
    return result;
}

} // namespace keeper
