#include "adapters/systemd/systemd_units.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "adapters/kernel/diag_listeners.hpp"
#include "adapters/processes/preload_library.hpp"
#include "adapters/processes/proc_processes.hpp"
#include "adapters/processes/run_program.hpp"
#include "adapters/systemd/drop_in_files.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

/// Where systemd lets its generators write.
constexpr const char* generator_output = "/run/systemd/generator";
/// A daemon-reload runs all generators of the host, each up to 90 s by systemd's own limit.
constexpr seconds reload_limit{120};
/// Stop and start may take 90 s each by systemd's own defaults.
constexpr seconds restart_limit{200};

Result<std::string> systemctl(std::vector<std::string> words, seconds limit) {
    words.insert(words.begin(), "systemctl");
    const auto output = run_program(words, limit);
    if (!output) {
        return tl::unexpected<Error>(output.error());
    }
    if (output->exit_code != 0) {
        std::string said = output->err.substr(0, output->err.find('\n'));
        return fail(said.empty() ? "systemctl " + words[1] + " failed" : std::move(said));
    }
    return output->out;
}

/// The service that holds the socket unit's sockets now; "" for none.
Result<std::string> running_service_of(const std::string& socket) {
    auto service = systemctl({"show", "--property=Triggers", "--value", "--", socket}, seconds(10));
    if (!service) {
        return service;
    }
    const std::string name = service->substr(0, service->find_first_of(" \n"));
    // The exit code of is-active tells no more than that it is not.
    return !name.empty() && systemctl({"is-active", "--quiet", "--", name}, seconds(10)) ? name : "";
}

Result<void> run(std::vector<std::string> words, seconds limit) {
    const auto output = systemctl(std::move(words), limit);
    return output ? Result<void>() : tl::unexpected<Error>(output.error());
}

/// What `systemctl show` answers about the unit, by the property's name.
std::map<std::string, std::string> properties_of(const std::string& unit) {
    std::map<std::string, std::string> properties;
    const auto shown =
        systemctl({"show", "--property=ActiveState,SubState,Result,ExecMainStatus", "--", unit}, seconds(10));
    std::istringstream lines(shown ? *shown : "");
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = std::min(line.find('='), line.size());
        properties[line.substr(0, equals)] = line.substr(std::min(equals + 1, line.size()));
    }
    return properties;
}

/// A program that cannot work with MPTCP sockets often ends only after systemd has taken it for started.
Result<void> watch_start(const std::string& unit) {
    constexpr int looks = 10;
    for (int look = 0; look < looks; ++look) {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        std::map<std::string, std::string> now = properties_of(unit);
        if (now["ActiveState"] == "failed" || now["SubState"].starts_with("auto-restart")) {
            return fail(
                "it ended after its restart with MPTCP sockets (" + now["Result"] + ", status " +
                now["ExecMainStatus"] + "): `journalctl -u " + unit +
                "` shows why; to take it back, remove it from applications.units, then run `mptcp-keeper "
                "apply` "
                "and `systemctl restart " +
                unit + "`");
        }
    }
    return {};
}

/// The names of the units of that type that systemd has in that state.
std::set<std::string> units_in_state(const std::string& type, const std::string& state) {
    const auto shown = systemctl(
        {"list-units", "--type=" + type, "--state=" + state, "--plain", "--no-legend", "--no-pager"},
        seconds(10));
    std::set<std::string> names;
    std::istringstream lines(shown ? *shown : "");
    for (std::string line; std::getline(lines, line);) {
        names.insert(line.substr(0, line.find(' ')));
    }
    return names;
}

/// Looks at the sockets that systemd has opened for units, where there are any with TCP addresses.
void look_at_sockets(ObservedUnits& units) {
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
    units.systemd_runs = fs::is_directory("/run/systemd/system"); // sd_booted(3)
    units.has_generator = ::access(std::string(generator_path).c_str(), X_OK) == 0;
    units.drop_ins = read_drop_ins(generator_output);
    if (any_declared) {
        units.known = list_unit_names();
        units.has_preload_library = find_preload_library().has_value();
        units.systemd_version = systemd_version();
        units.sockets = read_socket_units(units.known);
        look_at_sockets(units);
        if (units.systemd_runs) {
            units.failed = units_in_state("service", "failed");
        }
    }
    return units;
}

ProcessList SystemdUnits::programs(const ProcessQuery& query) {
    return list_processes(query);
}

Result<void> SystemdUnits::reload() {
    return run({"daemon-reload"}, reload_limit);
}

Result<void> SystemdUnits::restart(const std::string& unit) {
    if (!unit.ends_with(".socket")) {
        auto restarted = run({"restart", "--", unit}, restart_limit);
        return restarted ? watch_start(unit) : restarted;
    }
    const auto service = running_service_of(unit);
    if (!service) {
        return tl::unexpected<Error>(service.error());
    }
    if (!service->empty()) {
        if (auto stopped = run({"stop", "--", *service}, restart_limit); !stopped) {
            return stopped;
        }
    }
    auto restarted = run({"restart", "--", unit}, restart_limit);
    if (service->empty()) {
        return restarted;
    }
    // Also where the socket failed: the service ran before.
    const auto started = run({"start", "--", *service}, restart_limit);
    return restarted ? started : restarted;
}

} // namespace keeper
