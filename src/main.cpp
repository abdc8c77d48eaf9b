// SPDX-License-Identifier: LGPL-2.1-or-later
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "adapters/bpf/program_hook.hpp"
#include "adapters/daemon/daemon_link.hpp"
#include "adapters/daemon/daemon_socket.hpp"
#include "adapters/daemon/request_socket.hpp"
#include "adapters/doctor/host_diagnosis.hpp"
#include "adapters/events/clock.hpp"
#include "adapters/events/event_loop.hpp"
#include "adapters/events/file_watch.hpp"
#include "adapters/events/link_watch.hpp"
#include "adapters/events/monitor_loop.hpp"
#include "adapters/events/signal_watch.hpp"
#include "adapters/events/sysctl_poll.hpp"
#include "adapters/files/config_files.hpp"
#include "adapters/files/declaration_mark_file.hpp"
#include "adapters/files/host_files.hpp"
#include "adapters/files/lock.hpp"
#include "adapters/files/metrics_file.hpp"
#include "adapters/files/network_folders.hpp"
#include "adapters/files/state_file.hpp"
#include "adapters/files/try_files.hpp"
#include "adapters/kernel/diag_connections.hpp"
#include "adapters/kernel/host.hpp"
#include "adapters/kernel/netlink_links.hpp"
#include "adapters/kernel/netlink_path_manager.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"
#include "adapters/network_manager/no_profiles.hpp"
#include "adapters/on_demand/on_demand_profiles.hpp"
#include "adapters/on_demand/on_demand_scopes.hpp"
#include "adapters/processes/host_processes.hpp"
#include "adapters/processes/process_age.hpp"
#include "adapters/systemd/systemd_units.hpp"
#include "adapters/systemd/try_clock.hpp"
#include "adapters/terminal/screen.hpp"
#include "adapters/terminal/try_wait.hpp"
#include "cli/program.hpp"
#include "daemon/host_rivals.hpp"
#include "daemon/log_notices.hpp"
#include "module_path.hpp"

// The only place that knows every adapter. Each adapter opens what it needs at its first call, so that a
// command that reads nothing from the host opens nothing.

namespace {

using keeper::DaemonEnd;
using keeper::Result;

/// The daemon's event sources. Opened before anything is read, so that no change in between is missed. The
/// number of inotify instances of a user is limited (fs.inotify.max_user_instances), also for root: what
/// cannot be watched is polled.
Result<std::unique_ptr<keeper::EventLoop>> open_events(
    const std::string& run_folder,
    keeper::RequestSocket& requests,
    keeper::Notices& notices,
    std::unique_ptr<keeper::BusSource> bus) {
    auto signals = keeper::SignalWatch::create();
    auto links = keeper::LinkWatch::create();
    if (!signals || !links) {
        return fail(!signals ? signals.error() : links.error());
    }
    std::vector<std::unique_ptr<keeper::PollSource>> sources;
    sources.push_back(std::make_unique<keeper::SignalWatch>(std::move(*signals)));
    sources.push_back(std::make_unique<keeper::LinkWatch>(std::move(*links)));
    sources.push_back(std::make_unique<keeper::RequestWatch>(requests));
    if (auto pokes = keeper::FileWatch::create(run_folder, "poke", keeper::Event::poked)) {
        sources.push_back(std::make_unique<keeper::FileWatch>(std::move(*pokes)));
    } else {
        notices.warning(pokes.error().message + "; the events of NetworkManager's dispatcher are missed");
    }
    auto sysctls = keeper::FileWatch::create("/proc/sys/net/mptcp", "", keeper::Event::sysctls_changed);
    if (sysctls) {
        sources.push_back(std::make_unique<keeper::FileWatch>(std::move(*sysctls)));
    } else if (sysctls.error().kind != keeper::ErrorKind::unavailable) { // unavailable: a kernel without
                                                                         // MPTCP
        notices.warning(sysctls.error().message + "; the sysctls are read once a second instead");
        sources.push_back(std::make_unique<keeper::SysctlPoll>());
    }
    return std::make_unique<keeper::EventLoop>(std::move(sources), std::move(bus));
}

Result<DaemonEnd> run_daemon(
    const keeper::Ports& ports,
    keeper::OnDemandServices& on_demand,
    const keeper::DaemonLink& link,
    keeper::TryPort& tries,
    const std::function<keeper::LoadedConfig()>& load,
    const std::string& own_file) {
    const auto daemon_lock = link.take_daemon_lock();
    if (!daemon_lock) {
        return propagate(daemon_lock);
    }
    // Before the files are read: a command that finds no daemon listening has then read files that are no
    // newer.
    const auto requests = keeper::RequestSocket::listen(link.socket());
    if (!requests) {
        return propagate(requests);
    }
    const auto services = on_demand.get();
    if (!services) {
        return propagate(services);
    }
    const keeper::RecordRemoval removal(link);
    keeper::LogNotices notices((*services)->log());
    auto events = open_events(link.folder(), **requests, notices, (*services)->watch());
    if (!events) {
        return propagate(events);
    }
    keeper::FileLock lock(link.folder() + "/lock");
    keeper::DeclarationMarkFile mark(link.folder() + "/applied");
    keeper::HostFiles host;
    keeper::HostRivals rivals(host);
    keeper::MetricsFile metrics_file;
    keeper::Daemon daemon({
        .reconciler =
            {
                .ports = ports,
                .events = **events,
                .lock = lock,
                .notices = notices,
                .rivals = rivals,
                .mark = mark,
            },
        .service = (*services)->service(),
        .requests = **requests,
        .tries = tries,
        .load_config = load,
        .parse = [](const auto& files) { return keeper::parse_sources(files); },
        .own_file = own_file,
        .publish = [&](const keeper::DaemonRecord& record) { return link.publish(record); },
        .rivals_on_disk = [&](const keeper::DesiredState& desired) { return rivals.on_disk(desired); },
        .metrics =
            {
                .file = metrics_file,
                .netstat = [&] { return host.netstat(); },
                .fingerprint_on_disk = [&]() -> std::optional<std::string> {
                    // Standard input cannot be read twice.
                    return own_file == "-" ? std::nullopt : std::optional(load().fingerprint);
                },
                .is_try_pending = [&] { return tries.shown().has_value(); },
                .version = KEEPER_VERSION,
            },
        .pid = ::getpid(),
        .start_time = keeper::start_time_of(::getpid()).value_or(0),
    });
    return daemon.run();
}

keeper::cli::ExitCode
run(std::vector<std::string> arguments,
    keeper::cli::Console& console,
    keeper::HostProcesses::SignalHandler pipe_handler) {
    keeper::ProcfsSysctls sysctls;
    keeper::NetlinkPathManager path_manager;
    keeper::NetlinkLinks links;
    keeper::DiagConnections connections;
    const keeper::NetworkFolders folders = keeper::folders_of_this_network();
    keeper::OnDemandServices services(keeper::module_path);
    keeper::OnDemandProfiles network_manager(services);
    keeper::NoProfiles no_profiles;
    keeper::ProfilePort& profiles =
        folders.is_secondary ? static_cast<keeper::ProfilePort&>(no_profiles) : network_manager;
    keeper::SystemdUnits units;
    keeper::ProgramHook program_hook(
        folders.is_secondary ? keeper::ProgramHook::Network::other : keeper::ProgramHook::Network::of_host);
    const keeper::BootMark boot_mark(folders.run + "/boot", keeper::name_of_this_network);
    keeper::StateFile state(folders.state + "/state.json", boot_mark);
    keeper::SystemClock clock;
    const keeper::Ports ports{
        .sysctls = sysctls,
        .path_manager = path_manager,
        .links = links,
        .connections = connections,
        .profiles = profiles,
        .units = units,
        .program_hook = program_hook,
        .state = state,
        .clock = clock,
        .kernel_release = keeper::kernel_release(),
    };
    keeper::Engine engine(ports);
    const keeper::DaemonLink link(folders.run);
    keeper::DaemonSocket daemon(folders.run);
    keeper::DeclarationMarkFile mark(folders.run + "/applied");
    keeper::FileLock lock(folders.run + "/lock");
    keeper::TryFiles tries(folders.run, boot_mark);
    keeper::TryClock try_clock(
        folders.is_secondary ? keeper::TryClock::Network::other : keeper::TryClock::Network::of_host);
    keeper::HostProcesses processes(pipe_handler);
    keeper::OnDemandScopes scopes(services, folders.is_secondary);
    keeper::HostDiagnosis diagnosis;
    keeper::ConfigFiles config_files;
    keeper::cli::Environment environment{
        .version = KEEPER_VERSION,
        .console = console,
        .engine = engine,
        .ports = ports,
        .config_files = config_files,
        .lock = lock,
        .daemon = daemon,
        .mark = mark,
        .tries = tries,
        .try_clock = try_clock,
        .processes = processes,
        .scopes = scopes,
        .diagnosis = diagnosis,
        .open_host = [](const std::string& root) { return std::make_unique<keeper::HostFiles>(root); },
        .open_monitor =
            [&] {
                return keeper::MonitorLoop::create(link.folder(), STDOUT_FILENO, network_manager.watch());
            },
        .open_screen =
            [](keeper::ScreenUse use) { return keeper::Screen::open(STDIN_FILENO, STDOUT_FILENO, use); },
        .open_try_wait = [&] { return keeper::TryWait::open(folders.run, STDIN_FILENO, STDERR_FILENO); },
        .run_daemon =
            [&](const std::function<keeper::LoadedConfig()>& load, const std::string& own_file) {
                return run_daemon(ports, services, link, tries, load, own_file);
            },
    };
    return keeper::cli::run_command_line(std::move(arguments), environment);
}

} // namespace

int main(int argc, char** argv) {
    // A closed pipe ends a command in an orderly way, not wherever it happens to write.
    const auto pipe_handler = std::signal(SIGPIPE, SIG_IGN);
    keeper::cli::Console console(
        {STDOUT_FILENO, keeper::cli::colour_of(STDOUT_FILENO)},
        {STDERR_FILENO, keeper::cli::colour_of(STDERR_FILENO)});
    try {
        return static_cast<int>(run(std::vector<std::string>(argv + 1, argv + argc), console, pipe_handler));
    } catch (const std::exception& error) {
        console.error(std::string("internal error: ") + error.what());
    }
    return static_cast<int>(keeper::cli::ExitCode::failed);
}
