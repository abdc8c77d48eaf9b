// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/processes/host_processes.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <unistd.h>

#include "adapters/kernel/host.hpp"
#include "adapters/processes/locate_program.hpp"
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

Result<FoundProgram> HostProcesses::find_program(const std::string& name) {
    return locate_program(name);
}

Error HostProcesses::exec_program(
    const std::string& path,
    const std::vector<std::string>& command,
    const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<std::string> copies = command;
    // As execvp(3) does with a file that the kernel does not recognise; the path takes the place of the name.
    std::string shell = "/bin/sh";
    std::string script = path;
    std::vector<char*> arguments{shell.data()};
    for (std::string& argument : copies) {
        arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    std::signal(SIGPIPE, pipe_handler_);
    ::execv(path.c_str(), arguments.data() + 1);
    if (errno == ENOEXEC) {
        arguments[1] = script.data();
        ::execv(shell.c_str(), arguments.data());
    }
    return cannot_run(command.front(), errno);
}

} // namespace keeper
