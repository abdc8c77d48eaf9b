// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/try_clock.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/processes/run_program.hpp"
#include "adapters/systemd/systemctl.hpp"

namespace keeper {

namespace {

constexpr const char* try_unit = "mptcp-keeper-try.service";
constexpr std::chrono::seconds start_limit{15};

Result<std::string> own_program() {
    std::error_code error;
    const std::string path = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return fail("cannot read /proc/self/exe: " + error.message());
    }
    return path;
}

/// Whether a transient service can be started. Folders like /run/systemd/system may be left in a container
/// that another program started, and a host in a network namespace may have a /run of its own.
bool can_start_service() {
    constexpr std::size_t longest_name = 64;
    const auto first = read_bounded("/proc/1/comm", longest_name);
    return is_systemd_running() && first && *first == "systemd\n" &&
           ::access("/run/systemd/private", F_OK) == 0;
}

Result<void> start_service(const std::string& program) {
    // One that has just ended its work may still be there.
    (void)run_systemctl({"stop", try_unit}, start_limit);
    (void)run_systemctl({"reset-failed", try_unit}, start_limit);
    const auto output = run_program(
        {"systemd-run",
         "--quiet",
         "--collect",
         std::string("--unit=") + try_unit,
         "--description=Revert a try of mptcp-keeper at its deadline",
         "--property=Documentation=man:mptcp-keeper(1)",
         "--property=Type=exec",
         "--property=Restart=on-failure",
         "--property=RestartSec=2s",
         "--property=StartLimitIntervalSec=0",
         "--property=CapabilityBoundingSet=CAP_NET_ADMIN",
         "--property=NoNewPrivileges=yes",
         "--property=ProtectHome=yes",
         "--property=PrivateTmp=yes",
         "--",
         program,
         "revert",
         "--at-deadline"},
        start_limit);
    if (!output) {
        return propagate(output);
    }
    if (output->exit_code != 0) {
        return fail(
            "cannot start " + std::string(try_unit) + ": " + output->err.substr(0, output->err.find('\n')));
    }
    return {};
}

/// Owns the attributes of a process to be started.
class SpawnSettings {
  public:
    SpawnSettings() {
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawn_file_actions_init(&actions_);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    posix_spawnattr_t attributes_{};
    posix_spawn_file_actions_t actions_{};
};

/// Nothing that ends the command may end it: it has its own session, no terminal, and the default signals.
Result<void> start_process(std::string program) {
    SpawnSettings settings;
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&settings.attributes_, &none);
    ::posix_spawnattr_setsigdefault(&settings.attributes_, &all);
    ::posix_spawnattr_setflags(
        &settings.attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::posix_spawn_file_actions_addopen(&settings.actions_, fd, "/dev/null", O_RDWR, 0);
    }
    ::posix_spawn_file_actions_addchdir_np(&settings.actions_, "/");
    std::string command = "revert";
    std::string option = "--at-deadline";
    std::array<char*, 4> arguments{program.data(), command.data(), option.data(), nullptr};
    pid_t child = -1;
    const int error = ::posix_spawn(
        &child, program.c_str(), &settings.actions_, &settings.attributes_, arguments.data(), environ);
    return error == 0 ? Result<void>() : fail(system_error("cannot start " + program, error));
}

} // namespace

Result<void> TryClock::start() {
    auto program = own_program();
    if (!program) {
        return propagate(program);
    }
    return network_ == Network::of_host && can_start_service() ? start_service(*program)
                                                               : start_process(std::move(*program));
}

} // namespace keeper
