#include "applications/unit_states.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fnmatch.h>

#include "applications/declared_units.hpp"
#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

bool is_meant(const std::string& declared, const std::string& unit) {
    return declared == unit || declared == template_of(unit) ||
           fnmatch(declared.c_str(), unit.c_str(), 0) == 0;
}

bool is_template(const std::string& unit) {
    return unit.find("@.") != std::string::npos;
}

bool is_in_effect(const ObservedProcess& process) {
    const bool is_prepared = process.has_preload || (process.is_go && process.asks_go);
    return process.mptcp_sockets > 0 || (is_prepared && process.tcp_sockets == 0);
}

/// Why a program that was started with the variables does not use MPTCP; "" where it was not.
std::string why_ineffective(const ObservedProcess& process, const ObservedUnits& known) {
    const std::string who = process.name + " (pid " + std::to_string(process.pid) + ") ";
    if (process.is_static && !process.is_go) {
        return who + "is a static program: nothing can be preloaded into it";
    }
    if (process.is_secure) {
        return who + "is setuid or the like: the loader ignores LD_PRELOAD";
    }
    if (process.is_go && process.asks_go) {
        return who +
               "is a Go program whose sockets are TCP in spite of GODEBUG=multipathtcp=1, which Go 1.21 "
               "is the first to know";
    }
    if (process.has_preload) {
        return who + "is prepared for MPTCP, and all its sockets are TCP: handed over by a socket unit, "
                     "or by a program that was not prepared?";
    }
    if (process.asks_for_preload) {
        return who + "was started with libmptcpwrap and has not loaded it; does SELinux forbid it?";
    }
    if (process.sockets_known && !process.is_go && !known.has_preload_library) {
        return "libmptcpwrap is not installed: install mptcpize or mptcpd, and restart it then";
    }
    if (process.asks_go && !process.is_go) {
        return who + "was started without libmptcpwrap, which was not installed then; install mptcpize "
                     "(Debian, Ubuntu) or mptcpd (Fedora, RHEL) and restart it";
    }
    return "";
}

UnitStatus
judge(UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& known) {
    if (processes.empty()) {
        status.reason = "it does not run";
        return status;
    }
    bool all_seen = true;
    for (const ObservedProcess* process : processes) {
        status.sockets += static_cast<std::uint32_t>(process->tcp_sockets + process->mptcp_sockets);
        if (is_in_effect(*process)) {
            status.state = UnitState::in_effect;
        } else if (status.reason.empty()) {
            status.reason = why_ineffective(*process, known);
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
    } else {
        status.state = UnitState::needs_restart;
        status.reason = "it runs without MPTCP: restart it, or run `mptcp-keeper apply --restart-units`";
    }
    return status;
}

/// A socket unit of a systemd that is too old for it. That of a newer one cannot be judged.
std::optional<UnitStatus> judge_socket(UnitStatus status, int systemd_version) {
    if (systemd_version >= first_systemd_with_mptcp_sockets) {
        return std::nullopt;
    }
    status.state = UnitState::ineffective;
    status.is_refused = true;
    status.reason = "systemd " + std::to_string(systemd_version) + " does not know SocketProtocol=mptcp, " +
                    std::to_string(first_systemd_with_mptcp_sockets) + " is the first that does";
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
    const std::map<std::string, Source>& declared, const ObservedUnits& known, const ProcessList& running) {
    std::map<std::string, UnitStatus> found;
    std::map<std::string, std::vector<const ObservedProcess*>> processes;
    for (const ObservedProcess& process : running.processes) {
        processes[process.unit].push_back(&process);
    }
    for (const auto& [name, source] : declared) {
        std::set<std::string> units;
        const auto add = [&, &name = name](const std::string& unit) {
            if (is_meant(name, unit) && !is_template(unit)) {
                units.insert(unit);
            }
        };
        std::for_each(known.known.begin(), known.known.end(), add);
        std::for_each(processes.begin(), processes.end(), [&](const auto& item) { add(item.first); });
        const bool is_of_template =
            std::find(known.known.begin(), known.known.end(), template_of(name)) != known.known.end();
        if (units.empty() && is_of_template && !is_template(name)) {
            units.insert(name); // an instance that nobody wants, and that does not run
        }
        const UnitStatus unjudged{"", UnitState::not_running, "", to_string(source)};
        for (const std::string& unit : units) {
            UnitStatus status = unjudged;
            status.unit = unit;
            if (unit.ends_with(".service")) {
                found.emplace(unit, judge(std::move(status), processes[unit], known));
            } else if (unit.ends_with(".socket")) {
                if (auto judged = judge_socket(std::move(status), known.systemd_version)) {
                    found.emplace(unit, std::move(*judged));
                }
            }
        }
        if (units.empty() &&
            !make_unit_drop_ins({{name, source}}, known.known, known.systemd_version).problems.empty()) {
            UnitStatus status = unjudged;
            status.unit = name;
            status.state = UnitState::not_found;
            status.reason = "there is no such unit";
            found.emplace(name, std::move(status));
        }
    }
    std::vector<UnitStatus> result;
    for (auto& [unit, status] : found) {
        result.push_back(std::move(status));
    }
    return result;
}

} // namespace keeper
