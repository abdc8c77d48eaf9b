// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/systemd_units.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <thread>

#include <unistd.h>

#include "adapters/kernel/diag_listeners.hpp"
#include "adapters/processes/preload_library.hpp"
#include "adapters/processes/proc_processes.hpp"
#include "adapters/systemd/drop_in_files.hpp"
#include "adapters/systemd/failures.hpp"
#include "adapters/systemd/systemctl.hpp"
#include "adapters/systemd/turned_units.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/declared_units.hpp"
#include "applications/restart_limit.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "base/text/lines.hpp"
#include "base/text/shell_word.hpp"
#include "base/text/words.hpp"

namespace keeper {

namespace {

using std::chrono::seconds;

/// Where systemd's generators write.
constexpr const char* generator_output = "/run/systemd/generator";
/// A daemon-reload runs all generators of the host, each for at most 90 s (systemd's limit).
constexpr seconds reload_limit{120};

/// The service that holds the socket unit's sockets now; "" for none.
Result<std::string> running_service_of(const std::string& socket) {
    auto service = systemctl_output({"show", "--property=Triggers", "--value", "--", socket}, seconds(10));
    if (!service) {
        return service;
    }
    const std::string name = service->substr(0, service->find_first_of(" \n"));
    // An error of is-active only means that the service is not active.
    return !name.empty() && systemctl_output({"is-active", "--quiet", "--", name}, seconds(10)) ? name : "";
}

/// The names of the units of that type ("": any) that are in one of these states ("failed,auto-restart").
std::set<std::string> units_in_state(const std::string& type, const std::string& states) {
    std::vector<std::string> arguments{
        "list-units", "--state=" + states, "--plain", "--no-legend", "--no-pager"};
    if (!type.empty()) {
        arguments.push_back("--type=" + type);
    }
    const auto shown = systemctl_output(std::move(arguments), seconds(10));
    std::set<std::string> names;
    for (std::string_view rest = shown ? std::string_view(*shown) : ""; !rest.empty();) {
        std::string_view line = take_line(rest);
        names.emplace(take_field(line, ' '));
    }
    return names;
}

/// Starts, stops or restarts units, within the times that the first one allows.
Result<void> run_jobs(const std::string& verb, const std::vector<std::string>& units) {
    const std::string& unit = units.front();
    const auto shown = systemctl_output(
        {"show", "--property=TimeoutStartUSec,TimeoutStopUSec,TimeoutUSec", "--", unit}, seconds(10));
    const seconds limit = restart_limit(shown ? *shown : "");
    std::vector<std::string> arguments{verb, "--"};
    arguments.insert(arguments.end(), units.begin(), units.end());
    auto done = run_systemctl(std::move(arguments), limit);
    if (!done && done.error().kind == ErrorKind::timed_out) {
        return fail(
            ErrorKind::timed_out,
            "it is still starting or stopping after " + std::to_string(limit.count()) +
                " s; see `systemctl status " + shell_word(unit) + "`");
    }
    return done;
}

/// The active units that depend on the unit in any way, also through others.
std::set<std::string> active_dependents_of(const std::string& unit) {
    const auto shown = systemctl_output(
        {"list-dependencies", "--reverse", "--all", "--plain", "--no-pager", "--", unit}, seconds(10));
    const std::set<std::string> active = units_in_state("", "active");
    std::set<std::string> dependents;
    // The reverse of PartOf=, which list-dependencies does not follow.
    const auto parts =
        systemctl_output({"show", "--property=ConsistsOf", "--value", "--", unit}, seconds(10));
    for (const std::string_view name : words_of(parts ? std::string_view(*parts) : "", " \n")) {
        if (active.count(std::string(name)) != 0) {
            dependents.emplace(name);
        }
    }
    for (std::string_view rest = shown ? std::string_view(*shown) : ""; !rest.empty();) {
        const std::string_view line = trimmed(take_line(rest)); // "● NAME" or "NAME"
        const std::string name(line.substr(line.rfind(' ') + 1));
        if (name != unit && active.count(name) != 0) {
            dependents.insert(name);
        }
    }
    return dependents;
}

/// Stopping the service also stops units that depend on it (Requires=, PartOf=); these are started again.
Result<void> restart_socket(const std::string& unit) {
    const auto service = running_service_of(unit);
    if (!service) {
        return propagate(service);
    }
    if (service->empty()) {
        return run_jobs("restart", {unit});
    }
    std::set<std::string> stopped = active_dependents_of(*service);
    if (auto result = run_jobs("stop", {*service}); !result) {
        return result;
    }
    for (const std::string& active : active_dependents_of(*service)) {
        stopped.erase(active);
    }
    auto restarted = run_jobs("restart", {unit});
    // Even if the socket failed, since they were running before.
    std::vector<std::string> started{*service};
    started.insert(started.end(), stopped.begin(), stopped.end());
    const auto result = run_jobs("start", started);
    return restarted ? result : restarted;
}

/// The error of a restart after which the unit has failed.
Error failed_restart(const std::string& unit, const FailedService& failure) {
    const bool had_mptcp = was_started_with_mptcp(unit, read_turned_units());
    return {
        ErrorKind::failed,
        describe_failed_restart(unit, failure, had_mptcp ? UnitProtocol::mptcp : UnitProtocol::tcp)};
}

/// A program that cannot work with MPTCP sockets often exits only after systemd regards it as started.
Result<void> check_start(const std::string& unit) {
    constexpr int checks = 10;
    for (int check = 0; check < checks; ++check) {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        const auto failed = read_failures({unit});
        if (const auto failure = failed.find(unit); failure != failed.end()) {
            return fail(failed_restart(unit, failure->second));
        }
    }
    return {};
}

/// Reads the sockets that systemd has opened for units, if any socket unit has a TCP address.
void read_sockets(ObservedUnits& units) {
    const bool any = std::any_of(units.sockets.begin(), units.sockets.end(), [](const auto& item) {
        return !item.second.tcp.empty();
    });
    if (!units.systemd_runs || !any) {
        return;
    }
    units.open_sockets = units_in_state("socket", "active");
    const std::vector<std::string> open(units.open_sockets.begin(), units.open_sockets.end());
    units.sockets.merge(read_socket_units(open)); // instances of templates
    if (auto listeners = list_listeners()) {
        units.listeners = std::move(*listeners);
    }
}

} // namespace

ObservedUnits SystemdUnits::units(bool any_declared) {
    ObservedUnits units;
    units.systemd_runs = is_systemd_running();
    units.has_generator = ::access(std::string(generator_path).c_str(), X_OK) == 0;
    units.drop_ins = read_drop_ins(generator_output);
    if (any_declared) {
        units.turned = read_turned_units();
        units.taken_back = read_taken_back_units();
        units.known = list_unit_names();
        units.has_preload_library = find_preload_library().has_value();
        units.systemd_version = systemd_version();
        units.sockets = read_socket_units(units.known);
        read_sockets(units);
        if (units.systemd_runs) {
            units.failed =
                read_failures(units_in_state("service", "failed,auto-restart,auto-restart-queued"));
        }
    }
    return units;
}

ProcessList SystemdUnits::programs(const ProcessQuery& query) {
    return list_processes(query);
}

std::map<std::string, std::string> SystemdUnits::aliases() {
    return read_unit_aliases();
}

Result<void> SystemdUnits::reload(const std::vector<std::string>& tried_again) {
    for (const std::string& unit : tried_again) {
        forget_taken_back(unit);
        forget_taken_back(template_of(unit)); // an instance gets the drop-in of its template
    }
    return run_systemctl({"daemon-reload"}, reload_limit);
}

Result<void> SystemdUnits::restart(const std::string& unit) {
    if (!unit.ends_with(".socket")) {
        auto restarted = run_jobs("restart", {unit});
        if (!restarted && restarted.error().kind != ErrorKind::timed_out) {
            const auto failed = read_failures({unit});
            const auto failure = failed.find(unit);
            return failure == failed.end() ? restarted : fail(failed_restart(unit, failure->second));
        }
        return restarted ? check_start(unit) : restarted;
    }
    return restart_socket(unit);
}

std::vector<Result<void>> SystemdUnits::take_back(const std::vector<TakenBackUnit>& units) {
    std::vector<Result<void>> results;
    for (const TakenBackUnit& unit : units) {
        results.push_back(record_taken_back(unit.unit, unit.reason));
    }
    const Result<void> reloaded = run_systemctl({"daemon-reload"}, reload_limit);
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (results[i] && !reloaded) {
            results[i] = reloaded;
        }
        if (!results[i] || !units[i].was_restarted) {
            continue;
        }
        // After several failures in a row systemd refuses to start it (StartLimitBurst=).
        static_cast<void>(run_systemctl({"reset-failed", "--", units[i].unit}, seconds(10)));
        results[i] = units[i].unit.ends_with(".socket") ? restart_socket(units[i].unit)
                                                        : run_jobs("restart", {units[i].unit});
    }
    return results;
}

} // namespace keeper
