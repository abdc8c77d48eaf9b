// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/host_processes.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include <unistd.h>

#include "adapters/kernel/host.hpp"
#include "adapters/processes/preload_library.hpp"
#include "adapters/processes/socket_processes.hpp"

namespace keeper {

bool HostProcesses::has_net_admin() {
    return keeper::has_net_admin();
}

ProcessesByInode HostProcesses::processes_of_sockets(const std::set<std::uint64_t>& inodes) {
    return keeper::processes_of_sockets(inodes);
}

std::optional<std::string> HostProcesses::find_preload_library() {
    return keeper::find_preload_library();
}

Error HostProcesses::exec_program(
    const std::vector<std::string>& command, const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<std::string> copies = command;
    std::vector<char*> arguments;
    for (std::string& argument : copies) {
        arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    std::signal(SIGPIPE, pipe_handler_);
    ::execvp(arguments[0], arguments.data());
    const int error = errno;
    return {
        error == ENOENT || error == ENOTDIR ? ErrorKind::unavailable : ErrorKind::failed,
        "cannot run " + command.front() + ": " + std::generic_category().message(error)};
}

} // namespace keeper
