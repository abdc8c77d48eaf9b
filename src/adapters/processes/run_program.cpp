// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/run_program.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "adapters/files/unique_fd.hpp"

namespace keeper {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_output = 64 * 1024 * 1024;

std::string find_program(const std::string& name) {
    for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
        if (access((folder + name).c_str(), X_OK) == 0) {
            return folder + name;
        }
    }
    return "";
}

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(system_error("cannot create a pipe", errno));
    }
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<pid_t>
start(const std::string& file, const std::vector<std::string>& command, const Pipe& out, const Pipe& err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str())); // NOLINT: posix_spawn's type; it only reads
    }
    arguments.push_back(nullptr);
    std::string locale = "LC_ALL=C";
    std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::array<char*, 3> environment{locale.data(), path.data(), nullptr};
    pid_t pid = 0;
    const int error =
        posix_spawn(&pid, file.c_str(), &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return fail(system_error("cannot start " + file, error));
    }
    return pid;
}

/// Reads both outputs to their ends; false if the deadline came first.
bool read_all(Pipe& out, Pipe& err, Clock::time_point deadline, ProgramOutput& output) {
    std::array<pollfd, 2> ends{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    std::array<std::string*, 2> texts{&output.out, &output.err};
    int open = 2;
    while (open > 0) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0 || (poll(ends.data(), ends.size(), static_cast<int>(left)) < 0 && errno != EINTR)) {
            return false;
        }
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i].fd < 0 || ends[i].revents == 0) {
                continue;
            }
            std::array<char, 65536> buffer{};
            const ssize_t size = read(ends[i].fd, buffer.data(), buffer.size());
            if (size > 0 && texts[i]->size() < most_output) {
                texts[i]->append(buffer.data(), static_cast<std::size_t>(size));
            } else if (size != -1 || errno != EINTR) {
                ends[i].fd = -1;
                --open;
            }
        }
    }
    return true;
}

} // namespace

Result<ProgramOutput>
run_program(const std::vector<std::string>& command, std::chrono::milliseconds time_limit) {
    const std::string file = find_program(command.front());
    if (file.empty()) {
        return fail(ErrorKind::unavailable, command.front() + " is not installed");
    }
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err) {
        return fail(!out ? out.error() : err.error());
    }
    const auto pid = start(file, command, *out, *err);
    if (!pid) {
        return propagate(pid);
    }
    out->write.reset();
    err->write.reset();
    ProgramOutput output;
    const bool ended = read_all(*out, *err, Clock::now() + time_limit, output);
    if (!ended) {
        kill(*pid, SIGKILL);
    }
    int status = 0;
    while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended) {
        return fail(ErrorKind::timed_out, command.front() + " did not end in time");
    }
    output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return output;
}

} // namespace keeper
