#include "applications/unit_states.hpp"

#include <algorithm>

#include <fnmatch.h>

#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

bool is_meant(const std::string& declared, const std::string& unit) {
    return declared == unit || fnmatch(declared.c_str(), unit.c_str(), 0) == 0;
}

bool is_template(const std::string& unit) {
    return unit.find("@.") != std::string::npos;
}

bool is_in_effect(const ObservedProcess& process) {
    return process.has_preload || process.mptcp_sockets > 0 || (process.is_go && process.asks_go);
}

/// Why a program that was started with the variables does not use MPTCP; "" where it was not.
std::string why_ineffective(const ObservedProcess& process) {
    const std::string who = process.name + " (pid " + std::to_string(process.pid) + ") ";
    if (process.is_static && !process.is_go) {
        return who + "is a static program: nothing can be preloaded into it";
    }
    if (process.is_secure) {
        return who + "is setuid or the like: the loader ignores LD_PRELOAD";
    }
    if (process.asks_for_preload) {
        return who + "was started with libmptcpwrap and has not loaded it; does SELinux forbid it?";
    }
    if (process.asks_go && !process.is_go) {
        return who + "was started without libmptcpwrap, which was not installed then; install mptcpize "
                     "(Debian, Ubuntu) or mptcpd (Fedora, RHEL) and restart it";
    }
    return "";
}

UnitStatus judge(UnitStatus status, const std::vector<const ObservedProcess*>& processes) {
    if (processes.empty()) {
        status.reason = "it does not run";
        return status;
    }
    const auto holds = [&](auto condition) {
        return std::any_of(processes.begin(), processes.end(), condition);
    };
    if (holds([](const ObservedProcess* process) { return is_in_effect(*process); })) {
        status.state = UnitState::in_effect;
        return status;
    }
    for (const ObservedProcess* process : processes) {
        status.reason = status.reason.empty() ? why_ineffective(*process) : status.reason;
    }
    status.state = status.reason.empty() ? UnitState::needs_restart : UnitState::ineffective;
    if (status.reason.empty()) {
        status.reason =
            "it runs without MPTCP: `systemctl daemon-reload && systemctl restart " + status.unit + "`";
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
    }
    return "";
}

ProcessQuery processes_of_units(const std::map<std::string, Source>& declared) {
    return {[declared](const std::string& unit) {
        return std::any_of(
            declared.begin(), declared.end(), [&](const auto& item) { return is_meant(item.first, unit); });
    }};
}

std::vector<UnitStatus> unit_states(
    const std::map<std::string, Source>& declared,
    const std::vector<std::string>& known,
    const ProcessList& running,
    int systemd_version) {
    std::map<std::string, UnitStatus> found;
    std::map<std::string, std::vector<const ObservedProcess*>> processes;
    for (const ObservedProcess& process : running.processes) {
        processes[process.unit].push_back(&process);
    }
    for (const auto& [name, source] : declared) {
        const UnitDropIns drop_ins = make_unit_drop_ins({{name, source}}, known, systemd_version);
        std::vector<std::string> units;
        const auto add = [&](const std::string& unit) {
            if (is_meant(name, unit) && !is_template(unit)) {
                units.push_back(unit);
            }
        };
        std::for_each(known.begin(), known.end(), add);
        std::for_each(processes.begin(), processes.end(), [&](const auto& item) { add(item.first); });
        for (const std::string& unit : units) {
            const UnitStatus unjudged{unit, UnitState::not_running, "", to_string(source)};
            if (unit.ends_with(".service")) {
                found.emplace(unit, judge(unjudged, processes[unit]));
            } else if (unit.ends_with(".socket") && systemd_version < first_systemd_with_mptcp_sockets) {
                found.emplace(
                    unit,
                    UnitStatus{
                        unit,
                        UnitState::ineffective,
                        "systemd " + std::to_string(systemd_version) +
                            " does not know SocketProtocol=mptcp, " +
                            std::to_string(first_systemd_with_mptcp_sockets) + " is the first that does",
                        to_string(source)});
            }
        }
        if (units.empty() && !drop_ins.problems.empty()) {
            found.emplace(
                name, UnitStatus{name, UnitState::not_found, "there is no such unit", to_string(source)});
        }
    }
    std::vector<UnitStatus> result;
    for (auto& [unit, status] : found) {
        result.push_back(std::move(status));
    }
    return result;
}

std::vector<std::string> warnings_about(const std::vector<UnitStatus>& units) {
    std::vector<std::string> sentences;
    for (const UnitStatus& unit : units) {
        if (unit.state != UnitState::in_effect && unit.state != UnitState::not_running) {
            sentences.push_back(unit.source + ": " + unit.unit + ": " + unit.reason);
        }
    }
    return sentences;
}

} // namespace keeper
