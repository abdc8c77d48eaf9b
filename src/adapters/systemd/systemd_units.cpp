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
#include "applications/restart_limit.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "base/text/lines.hpp"
#include "base/text/shell_word.hpp"

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

/// Restarts the units in one transaction, in which systemd first stops the service of a socket unit and also
/// starts the units again that depend on them.
Result<void> restart_units(std::vector<std::string> units) {
    std::vector<std::string> show{"show", "--property=TimeoutStartUSec,TimeoutStopUSec,TimeoutUSec", "--"};
    show.insert(show.end(), units.begin(), units.end());
    const auto shown = systemctl_output(std::move(show), seconds(10));
    const seconds limit = restart_limit(shown ? *shown : "");
    const std::string& unit = units.front();
    const std::string name = shell_word(unit);
    units.insert(units.begin(), {"restart", "--"});
    auto restarted = run_systemctl(std::move(units), limit);
    if (!restarted && restarted.error().kind == ErrorKind::timed_out) {
        return fail(
            ErrorKind::timed_out,
            "it is still starting after " + std::to_string(limit.count()) + " s; see `systemctl status " +
                name + "`");
    }
    return restarted;
}

Result<void> restart_socket(const std::string& unit) {
    const auto service = running_service_of(unit);
    if (!service) {
        return propagate(service);
    }
    return service->empty() ? restart_units({unit}) : restart_units({unit, *service});
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

/// The names of the units of that type that are in one of these states ("failed,auto-restart").
std::set<std::string> units_in_state(const std::string& type, const std::string& states) {
    const auto shown = systemctl_output(
        {"list-units", "--type=" + type, "--state=" + states, "--plain", "--no-legend", "--no-pager"},
        seconds(10));
    std::set<std::string> names;
    for (std::string_view rest = shown ? std::string_view(*shown) : ""; !rest.empty();) {
        std::string_view line = take_line(rest);
        names.emplace(take_field(line, ' '));
    }
    return names;
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
    std::for_each(tried_again.begin(), tried_again.end(), forget_taken_back);
    return run_systemctl({"daemon-reload"}, reload_limit);
}

Result<void> SystemdUnits::restart(const std::string& unit) {
    if (!unit.ends_with(".socket")) {
        auto restarted = restart_units({unit});
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
                                                        : restart_units({units[i].unit});
    }
    return results;
}

} // namespace keeper
