#include <cerrno>
#include <csignal>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "adapters/daemon/daemon_link.hpp"
#include "adapters/daemon/daemon_socket.hpp"
#include "adapters/daemon/request_socket.hpp"
#include "adapters/doctor/host_diagnosis.hpp"
#include "adapters/events/event_loop.hpp"
#include "adapters/events/file_watch.hpp"
#include "adapters/events/link_watch.hpp"
#include "adapters/events/monitor_loop.hpp"
#include "adapters/events/signal_watch.hpp"
#include "adapters/events/steady_clock.hpp"
#include "adapters/events/sysctl_poll.hpp"
#include "adapters/files/config_files.hpp"
#include "adapters/files/declaration_mark_file.hpp"
#include "adapters/files/host_files.hpp"
#include "adapters/files/lock.hpp"
#include "adapters/files/network_folders.hpp"
#include "adapters/files/state_file.hpp"
#include "adapters/kernel/diag_connections.hpp"
#include "adapters/kernel/host.hpp"
#include "adapters/kernel/netlink_links.hpp"
#include "adapters/kernel/netlink_path_manager.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"
#include "adapters/network_manager/nm_profiles.hpp"
#include "adapters/network_manager/no_profiles.hpp"
#include "adapters/processes/exec.hpp"
#include "adapters/processes/preload_library.hpp"
#include "adapters/processes/process_age.hpp"
#include "adapters/processes/socket_processes.hpp"
#include "adapters/systemd/journal_log.hpp"
#include "adapters/systemd/systemd_service.hpp"
#include "adapters/systemd/systemd_units.hpp"
#include "adapters/systemd/unit_files.hpp"
#include "adapters/terminal/screen.hpp"
#include "cli/commands.hpp"
#include "daemon/host_rivals.hpp"
#include "daemon/log_notices.hpp"

// The only place that knows every adapter. Each opens what it needs at its first call, so that a command
// that asks nothing of the host opens nothing.

namespace {

using keeper::DaemonEnd;
using keeper::Result;

/// The daemon's event sources. Opened before anything is looked at, so that no change in between is missed.
/// One user's watches are limited (fs.inotify.max_user_instances), and root has no more than any other: what
/// cannot be watched is polled.
Result<std::unique_ptr<keeper::EventLoop>>
open_events(const std::string& run_folder, keeper::RequestSocket& requests, keeper::Notices& notices) {
    auto signals = keeper::SignalWatch::create();
    auto links = keeper::LinkWatch::create();
    if (!signals || !links) {
        return tl::unexpected(!signals ? signals.error() : links.error());
    }
    std::vector<std::unique_ptr<keeper::PollSource>> sources;
    sources.push_back(std::make_unique<keeper::SignalWatch>(std::move(*signals)));
    sources.push_back(std::make_unique<keeper::LinkWatch>(std::move(*links)));
    sources.push_back(std::make_unique<keeper::RequestWatch>(requests));
    if (auto pokes = keeper::FileWatch::create(run_folder, "poke", keeper::Event::poked)) {
        sources.push_back(std::make_unique<keeper::FileWatch>(std::move(*pokes)));
    } else {
        notices.warning(pokes.error().message + "; NetworkManager's dispatcher is not heard");
    }
    auto sysctls = keeper::FileWatch::create("/proc/sys/net/mptcp", "", keeper::Event::sysctls_changed);
    if (sysctls) {
        sources.push_back(std::make_unique<keeper::FileWatch>(std::move(*sysctls)));
    } else if (sysctls.error().kind != keeper::ErrorKind::unavailable) { // a kernel without MPTCP has no such
                                                                         // folder
        notices.warning(sysctls.error().message + "; the sysctls are read once a second instead");
        sources.push_back(std::make_unique<keeper::SysctlPoll>());
    }
    return std::make_unique<keeper::EventLoop>(std::move(sources), std::make_unique<keeper::BusWatch>());
}

Result<DaemonEnd> be_daemon(
    const keeper::Ports& ports,
    const keeper::DaemonLink& link,
    const std::function<keeper::LoadedConfig()>& load,
    const std::string& own_file) {
    const auto alone = link.become_daemon();
    if (!alone) {
        return tl::unexpected(alone.error());
    }
    // Before the files are read: a command that finds nobody listening has read files that are no newer.
    const auto requests = keeper::RequestSocket::listen(link.socket());
    if (!requests) {
        return tl::unexpected(requests.error());
    }
    const keeper::RecordRemoval removal(link);
    keeper::JournalLog log;
    keeper::LogNotices notices(log);
    auto events = open_events(link.folder(), **requests, notices);
    if (!events) {
        return tl::unexpected(events.error());
    }
    keeper::FileLock lock(link.folder() + "/lock");
    keeper::DeclarationMarkFile mark(link.folder() + "/applied");
    keeper::HostFiles host;
    keeper::HostRivals rivals(host);
    keeper::SystemdService service;
    keeper::Daemon daemon(
        {{ports, **events, lock, notices, rivals, mark},
         service,
         **requests,
         load,
         own_file,
         [&](const keeper::DaemonRecord& record) { return link.publish(record); },
         [&](const keeper::DesiredState& desired) { return rivals.on_disk(desired); },
         ::getpid(),
         keeper::start_time_of(::getpid()).value_or(0)});
    return daemon.run();
}

/// What a signal did before this program changed it.
using Disposition = void (*)(int);

keeper::cli::ExitCode
run(std::vector<std::string> arguments, keeper::cli::Console& console, Disposition on_closed_pipe) {
    keeper::ProcfsSysctls sysctls;
    keeper::NetlinkPathManager path_manager;
    keeper::NetlinkLinks links;
    keeper::DiagConnections connections;
    const keeper::NetworkFolders folders = keeper::folders_of_this_network();
    keeper::NmProfiles network_manager;
    keeper::NoProfiles no_profiles;
    keeper::ProfilePort& profiles =
        folders.is_secondary ? static_cast<keeper::ProfilePort&>(no_profiles) : network_manager;
    keeper::SystemdUnits units;
    keeper::StateFile state(
        folders.state + "/state.json", folders.run + "/boot", keeper::name_of_this_network);
    keeper::SteadyClock clock;
    const keeper::Ports ports{
        sysctls, path_manager, links, connections, profiles, units, state, clock, keeper::kernel_release()};
    keeper::Engine engine(ports);
    const keeper::DaemonLink link(folders.run);
    keeper::DaemonSocket daemon_socket(link.folder());
    keeper::DeclarationMarkFile mark(folders.run + "/applied");
    keeper::HostDiagnosis diagnosis;
    keeper::ConfigFiles config_files;
    keeper::cli::Environment environment{
        KEEPER_VERSION,
        console,
        engine,
        config_files,
        [&](const std::function<void()>& notice) -> Result<std::unique_ptr<keeper::LockPort::Guard>> {
            auto lock = keeper::take_lock(folders.run + "/lock", keeper::LockPatience{}, notice);
            if (!lock) {
                return tl::unexpected(lock.error());
            }
            return std::make_unique<keeper::HeldLock>(std::move(*lock));
        },
        keeper::has_net_admin,
        [&] { return link.running_daemon(); },
        daemon_socket,
        mark,
        [&](const std::function<keeper::LoadedConfig()>& load, const std::string& own_file) {
            return be_daemon(ports, link, load, own_file);
        },
        [](const keeper::DesiredState& desired) {
            keeper::HostFiles host;
            return keeper::HostRivals(host).on_disk(desired);
        },
        [](const std::string& root) { return std::make_unique<keeper::HostFiles>(root); },
        keeper::find_preload_library,
        [&](const std::vector<std::string>& command, const std::map<std::string, std::string>& variables) {
            std::signal(SIGPIPE, on_closed_pipe);
            const int error = keeper::become(command, variables);
            return keeper::cli::ExecFailure{
                error == ENOENT || error == ENOTDIR,
                "cannot run " + command.front() + ": " + std::generic_category().message(error)};
        },
        diagnosis,
        {sysctls,
         path_manager,
         links,
         profiles,
         connections,
         keeper::processes_of_sockets,
         [&] { return keeper::MonitorLoop::create(link.folder(), STDOUT_FILENO); },
         [](keeper::ScreenUse use) { return keeper::Screen::open(STDIN_FILENO, STDOUT_FILENO, use); }},
        keeper::read_unit_aliases};
    return keeper::cli::run_program(std::move(arguments), environment);
}

} // namespace

/// libnm brings libgnutls along, which would set itself up (a tenth of a short command's time) whenever the
/// program is loaded. This is gnutls' documented way to leave that to whoever needs it; libnm does it itself.
extern "C" __attribute__((visibility("default"))) int _gnutls_global_init_skip() {
    return 1;
}

int main(int argc, char** argv) {
    // A closed pipe shall end a command in order, and not at any place where it writes.
    const auto on_closed_pipe = std::signal(SIGPIPE, SIG_IGN);
    keeper::cli::Console console(
        {STDOUT_FILENO, keeper::cli::colour_of(STDOUT_FILENO)},
        {STDERR_FILENO, keeper::cli::colour_of(STDERR_FILENO)});
    try {
        return static_cast<int>(
            run(std::vector<std::string>(argv + 1, argv + argc), console, on_closed_pipe));
    } catch (const std::exception& error) {
        console.error(std::string("internal error: ") + error.what());
    }
    return static_cast<int>(keeper::cli::ExitCode::failed);
}
