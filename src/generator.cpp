#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/files/config_files.hpp"
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

// systemd's generator (systemd.generator(7)) for applications.units:
//   GENERATOR NORMAL EARLY LATE   writes the drop-ins, which start unit-environment
//   GENERATOR --warn-of-disabling names the programs that lose MPTCP before the boot unit switches it off
// It is a program of its own so that it starts without libnm, whose start would wait for others at boot.

namespace {

namespace fs = std::filesystem;

/// What was written last by a valid configuration, until the next boot. Not
/// /run/mptcp-keeper/drop-ins, where earlier versions kept drop-ins that start this program, which is
/// dynamic, with the environment of the unit.
constexpr const char* last_good_folder = "/run/mptcp-keeper/unit-drop-ins";

int complain(const std::string& message) {
    std::fprintf(stderr, "mptcp-keeper-generator: %s\n", keeper::printable(message).c_str());
    return EXIT_FAILURE;
}

/// A unit that is undeclared while it runs never starts what would forget its variables.
void forget_environments_without_drop_in(const keeper::UnitDropIns& drop_ins) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(keeper::unit_environment_folder, error), end; !error && entry != end;
         entry.increment(error)) {
        files.push_back(entry->path());
    }
    for (const fs::path& file : files) {
        if (!keeper::has_drop_in(file.filename(), drop_ins)) {
            fs::remove(file, error);
        }
    }
}

/// An invalid configuration changes nothing, but systemd has removed the drop-ins by the time it runs its
/// generators: those of the last valid one come back.
int write_last_good(const std::string& folder) {
    complain("the configuration is invalid, all units stay as they are; `mptcp-keeper check` says why");
    const auto written = keeper::write_drop_ins(folder, keeper::read_drop_ins(last_good_folder));
    return written ? EXIT_FAILURE : complain(written.error().message);
}

/// net.mptcp.enabled; "" in a kernel without MPTCP.
std::string enabled_now() {
    keeper::ProcfsSysctls sysctls;
    const auto values = sysctls.read_all();
    return values && values->count("enabled") != 0 ? values->at("enabled") : "";
}

/// What the drop-ins depend on. Asks systemd nothing, which would wait for its generators.
keeper::ObservedUnits look_at_host(const keeper::DesiredState& desired) {
    const auto enabled = desired.sysctls.find("enabled");
    const bool is_declared = enabled != desired.sysctls.end() && enabled->second.value == "1";
    keeper::ObservedUnits host;
    host.systemd_version = keeper::systemd_version();
    const bool is_switched_on = is_declared && keeper::is_boot_unit_enabled();
    const std::string now = enabled_now();
    host.mptcp_stays_off = now.empty() || (now == "0" && !is_switched_on);
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
        const keeper::ObservedUnits host = look_at_host(config.desired);
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

/// The boot unit itself lacks the right to look at other users' programs, which it needs for nothing else.
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
    return complain("this is started by systemd: with three folders, or with an option");
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& error) {
        return complain(std::string("internal error: ") + error.what());
    }
}
