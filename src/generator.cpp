// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/files/config_files.hpp"
#include "adapters/files/directory.hpp"
#include "adapters/files/files.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"
#include "adapters/processes/proc_processes.hpp"
#include "adapters/systemd/drop_in_files.hpp"
#include "adapters/systemd/turned_units.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "applications/declared_units.hpp"
#include "applications/disabling.hpp"
#include "applications/unit_drop_ins.hpp"
#include "applications/unit_failures.hpp"
#include "base/text/printable.hpp"
#include "config/config.hpp"
#include "model/observed_state.hpp"

// systemd's generator (systemd.generator(7)) for applications.units and never:
//   GENERATOR NORMAL EARLY LATE   writes the drop-ins, which start unit-environment
//   GENERATOR --warn-of-disabling lists the programs that lose MPTCP, before the boot unit switches it off
// It is a separate program so that it starts without libnm, whose start would delay the boot.

namespace {

namespace fs = std::filesystem;

/// The drop-ins of the last valid configuration, until the next boot. Not /run/mptcp-keeper/drop-ins, where
/// earlier versions keep drop-ins that start this program, which is dynamically linked, with the environment
/// of the unit.
constexpr const char* last_good_folder = "/run/mptcp-keeper/unit-drop-ins";

int complain(const std::string& message) {
    std::fprintf(stderr, "mptcp-keeper-generator: %s\n", keeper::printable(message).c_str());
    return EXIT_FAILURE;
}

/// Removes files with variables that no drop-in uses: a unit that is no longer declared does not remove its
/// own when it stops.
void forget_environments_without_drop_in(const keeper::UnitDropIns& drop_ins) {
    const std::string folder(keeper::unit_environment_folder);
    for (const std::string& unit : keeper::list_directory(folder).names) {
        if (!keeper::has_drop_in(unit, drop_ins)) {
            std::error_code error;
            fs::remove(folder + "/" + unit, error);
        }
    }
}

/// Whether the unit, or its template, gets a drop-in that makes it use MPTCP.
bool makes_mptcp(const std::string& unit, const keeper::UnitDropIns& drop_ins) {
    const auto found = keeper::find_unit_or_template(unit, drop_ins.drop_ins);
    return found != drop_ins.drop_ins.end() && found->second.protocol == keeper::UnitProtocol::mptcp;
}

bool made_mptcp(const std::string& unit, const keeper::DropInTexts& before) {
    const auto found = keeper::find_unit_or_template(unit, before);
    return found != before.end() && keeper::protocol_of_drop_in(found->second) == keeper::UnitProtocol::mptcp;
}

/// Records since when units have their drop-ins, and which of them were running with TCP at that time, so
/// that `status` can tell a unit that fails with MPTCP from one that failed before.
void record_new_drop_ins(const keeper::UnitDropIns& drop_ins, const keeper::DropInTexts& before) {
    for (const auto& [unit, turned] : keeper::read_turned_units()) {
        if (!makes_mptcp(unit, drop_ins) || !made_mptcp(unit, before)) {
            keeper::forget_turned(unit);
        }
    }
    const auto is_new = [&](const std::string& unit) {
        return unit.ends_with(".service") && makes_mptcp(unit, drop_ins) && !made_mptcp(unit, before);
    };
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now); // as in systemd's properties
    keeper::TurnedUnit turned;
    turned.since_us =
        static_cast<std::uint64_t>(now.tv_sec) * 1'000'000U + static_cast<std::uint64_t>(now.tv_nsec) / 1000U;
    bool any = false;
    for (const auto& [unit, drop_in] : drop_ins.drop_ins) {
        if (is_new(unit)) {
            keeper::record_turned(unit, turned);
            any = true;
        }
    }
    if (!any) {
        return;
    }
    keeper::ProcessQuery query{is_new};
    query.with_program = false;
    turned.was_running = true;
    for (const keeper::ObservedProcess& process : keeper::list_processes(query).processes) {
        if (process.tcp_sockets > 0) {
            keeper::record_turned(process.unit, turned);
        }
    }
}

/// An invalid configuration must change nothing, but systemd removes the drop-ins before it runs its
/// generators. Restores those of the last valid configuration.
int write_last_good(const std::string& folder) {
    complain("the configuration is invalid: units keep their drop-ins; run `mptcp-keeper check`");
    const auto written = keeper::write_drop_ins(folder, keeper::read_drop_ins(last_good_folder));
    return written ? EXIT_FAILURE : complain(written.error().message);
}

/// Whether net.mptcp.enabled is 1; std::nullopt on a kernel without MPTCP.
std::optional<bool> read_enabled() {
    keeper::ProcfsSysctls sysctls;
    keeper::ObservedState host;
    if (auto values = sysctls.read_all()) {
        host.sysctls = std::move(*values);
    }
    return keeper::enabled_now(host);
}

/// The state that the drop-ins depend on. Does not call systemd, which waits for its generators.
keeper::ObservedUnits observe_units(const keeper::DesiredState& desired) {
    const auto declared = keeper::declared_enabled(desired);
    keeper::ObservedUnits host;
    host.systemd_version = keeper::systemd_version();
    const bool is_switched_on = declared && declared->value && keeper::is_boot_unit_enabled();
    const std::optional<bool> enabled = read_enabled();
    host.mptcp_stays_off = !enabled || (!*enabled && !is_switched_on);
    host.known = keeper::list_unit_names();
    host.sockets = keeper::read_socket_units(host.known);
    return host;
}

keeper::LoadedConfig load_config() {
    keeper::ConfigFiles files;
    return keeper::parse_sources(files.read(files.search_path("")));
}

int write_drop_ins(const std::string& folder) {
    const keeper::LoadedConfig config = load_config();
    if (!config.valid()) {
        return write_last_good(folder);
    }
    keeper::UnitDropIns drop_ins;
    if (!config.desired.units.empty() || !config.desired.never.empty()) {
        const keeper::ObservedUnits host = observe_units(config.desired);
        const keeper::UnitAliases aliases = keeper::read_unit_aliases();
        drop_ins = keeper::make_unit_drop_ins(
            keeper::with_unit_ids(config.desired.units, aliases),
            host,
            keeper::find_early_units(host.known),
            keeper::with_unit_ids(config.desired.never, aliases));
    }
    for (const std::string& unit : keeper::leave_taken_back(keeper::read_taken_back_units(), drop_ins)) {
        keeper::forget_taken_back(unit); // another declaration tries it again
    }
    const keeper::DropInTexts before = keeper::read_drop_ins(last_good_folder);
    record_new_drop_ins(drop_ins, before);
    forget_environments_without_drop_in(drop_ins);
    for (const std::string& problem : drop_ins.problems) {
        complain(problem);
    }
    keeper::DropInTexts texts;
    for (const auto& [unit, drop_in] : drop_ins.drop_ins) {
        texts.emplace(unit, drop_in.text);
    }
    keeper::remove_drop_ins(last_good_folder);
    const auto written = keeper::write_drop_ins(folder, texts);
    const auto kept = keeper::write_drop_ins(last_good_folder, texts);
    if (!written || !kept) {
        return complain(!written ? written.error().message : kept.error().message);
    }
    return EXIT_SUCCESS;
}

/// The boot unit itself may not read other users' processes and needs that right for nothing else.
int warn_of_disabling() {
    const keeper::LoadedConfig config = load_config();
    if (config.valid() && keeper::declares_disabling(config.desired)) {
        const auto running = keeper::list_processes(keeper::processes_hit_by_disabling());
        for (const std::string& sentence : keeper::broken_by_disabling(config.desired, running)) {
            std::fprintf(stderr, "warning: %s\n", keeper::printable(sentence).c_str());
        }
    }
    return EXIT_SUCCESS;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments == std::vector<std::string>{"--warn-of-disabling"}) {
        return warn_of_disabling();
    }
    if (arguments.size() == 3) {
        return write_drop_ins(arguments[0]);
    }
    return complain("usage: run by systemd; see systemd.generator(7)");
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& error) {
        return complain(std::string("internal error: ") + error.what());
    }
}
