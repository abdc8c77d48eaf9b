#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include <unistd.h>

#include "adapters/kernel/diag_connections.hpp"
#include "adapters/kernel/host.hpp"
#include "adapters/kernel/netlink_links.hpp"
#include "adapters/kernel/netlink_path_manager.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"
#include "adapters/network_manager/nm_profiles.hpp"
#include "adapters/system/lock.hpp"
#include "adapters/system/state_file.hpp"
#include "adapters/system/steady_clock.hpp"
#include "cli/commands.hpp"

// The only place that knows every adapter. Each opens what it needs at its first call, so that a command
// that asks nothing of the host opens nothing.

namespace {

constexpr const char* lock_path = "/run/mptcp-keeper/lock";
constexpr const char* state_path = "/var/lib/mptcp-keeper/state.json";

keeper::cli::ExitCode run(std::vector<std::string> arguments, keeper::cli::Console& console) {
    keeper::ProcfsSysctls sysctls;
    keeper::NetlinkPathManager path_manager;
    keeper::NetlinkLinks links;
    keeper::DiagConnections connections;
    keeper::NmProfiles profiles;
    keeper::StateFile state(state_path);
    keeper::SteadyClock clock;
    keeper::Engine engine(
        {sysctls, path_manager, links, connections, profiles, state, clock, keeper::kernel_release()});
    keeper::cli::Environment environment{
        KEEPER_VERSION,
        console,
        engine,
        [](const std::function<void()>& notice) {
            return keeper::take_lock(lock_path, keeper::LockPatience{}, notice);
        },
        keeper::has_net_admin};
    return keeper::cli::run_program(std::move(arguments), environment);
}

} // namespace

/// libnm brings libgnutls along, which would set itself up (a tenth of a short command's time) whenever the
/// program is loaded. This is gnutls' documented way to leave that to whoever needs it; libnm does it itself.
extern "C" __attribute__((visibility("default"))) int _gnutls_global_init_skip() {
    return 1;
}

int main(int argc, char** argv) {
    // A closed pipe shall be an error that is told, and not a silent end.
    std::signal(SIGPIPE, SIG_IGN);
    keeper::cli::Console console(
        {STDOUT_FILENO, keeper::cli::colour_of(STDOUT_FILENO)},
        {STDERR_FILENO, keeper::cli::colour_of(STDERR_FILENO)});
    try {
        return static_cast<int>(run(std::vector<std::string>(argv + 1, argv + argc), console));
    } catch (const std::exception& error) {
        console.error(std::string("internal error: ") + error.what());
    }
    return static_cast<int>(keeper::cli::ExitCode::failed);
}
