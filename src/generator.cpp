// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <cstdlib>
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
#include "adapters/systemd/unit_files.hpp"
#include "applications/declared_units.hpp"
#include "applications/disabling.hpp"
#include "applications/unit_drop_ins.hpp"
#include "base/text/printable.hpp"
#include "config/config.hpp"
#include "model/observed_state.hpp"

// systemd's generator (systemd.generator(7)) for applications.units:
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
    if (!config.desired.units.empty()) {
        const keeper::ObservedUnits host = observe_units(config.desired);
        const auto units = keeper::with_unit_ids(config.desired.units, keeper::read_unit_aliases());
        drop_ins = keeper::make_unit_drop_ins(units, host, keeper::find_early_units(host.known));
    }
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
