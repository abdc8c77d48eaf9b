// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/on_demand/on_demand_scopes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include "adapters/bpf/hook_probe.hpp"
#include "adapters/files/files.hpp"
#include "applications/run_scope.hpp"

namespace keeper {

namespace {

constexpr std::size_t largest_cgroup_file = 64 * 1024; // a line per hierarchy, of at most PATH_MAX each

/// The kernel's first cgroup namespace has this inode (PROC_CGROUP_INIT_INO, include/linux/proc_ns.h).
bool is_in_host_cgroup_namespace() {
    std::array<char, 64> link{};
    const ssize_t size = ::readlink("/proc/self/ns/cgroup", link.data(), link.size());
    return size > 0 && std::string_view(link.data(), static_cast<std::size_t>(size)) == "cgroup:[4026531835]";
}

std::string own_cgroup() {
    const auto text = read_bounded("/proc/self/cgroup", largest_cgroup_file);
    return text && *text ? **text : "";
}

/// See ScopeSurroundings::manager_socket. XDG_RUNTIME_DIR may be missing, as in cron jobs, or still be that
/// of another user, as after su; root does not trust it.
std::string find_manager_socket() {
    std::vector<std::string> candidates{"/run/dbus/system_bus_socket", "/run/systemd/private"};
    if (const uid_t user = ::geteuid(); user != 0) {
        candidates.clear();
        const char* const folder = std::getenv("XDG_RUNTIME_DIR");
        for (const std::string& place :
             {folder != nullptr && folder[0] == '/' ? std::string(folder) : fmt::format("/run/user/{}", user),
              fmt::format("/run/user/{}", user)}) {
            candidates.push_back(place + "/bus");
            candidates.push_back(place + "/systemd/private");
        }
    }
    const auto found = std::find_if(candidates.begin(), candidates.end(), [](const std::string& candidate) {
        return ::access(candidate.c_str(), W_OK) == 0;
    });
    return found != candidates.end() ? *found : "";
}

/// Service managers tell the processes that they start (systemd.exec(5)); others inherit the variable.
bool is_main_process() {
    const char* const pid = std::getenv("SYSTEMD_EXEC_PID");
    return pid != nullptr && std::to_string(::getpid()) == pid;
}

/// Process IDs are used again, and the scope of an earlier process may still exist.
std::string unique_name() {
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof(random), 0) != static_cast<ssize_t>(sizeof(random))) {
        random = 0; // before the kernel has any randomness, hardly any scope exists
    }
    return fmt::format("{}-{:016x}", ::getpid(), random);
}

} // namespace

HookState OnDemandScopes::hook_state() {
    if (are_new_sockets_mptcp()) {
        return HookState::in_effect;
    }
    if (is_hook_attached()) {
        return HookState::attached;
    }
    return is_other_network_ || !is_in_host_cgroup_namespace() ? HookState::out_of_reach : HookState::absent;
}

Result<void> OnDemandScopes::enter_scope(std::string_view program) {
    const auto scope = run_scope(
        {.cgroup = own_cgroup(),
         .user = ::geteuid(),
         .has_systemd = ::access("/run/systemd/system", F_OK) == 0, // sd_booted(3)
         .is_main_process = is_main_process(),
         .manager_socket = find_manager_socket()},
        unique_name(),
        program);
    if (!scope) {
        return propagate(scope);
    }
    const auto services = services_.get();
    if (!services) {
        return propagate(services);
    }
    if (auto started = (*services)->start_scope(*scope); !started) {
        return started;
    }
    if (!are_new_sockets_mptcp()) {
        return fail(why_scope_has_no_effect(scope->name, own_cgroup()));
    }
    return {};
}

} // namespace keeper
