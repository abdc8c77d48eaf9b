// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/connection.hpp"
#include "model/found_program.hpp"

namespace keeper {

/// This process and those that it can see or start.
class ProcessPort {
  public:
    virtual ~ProcessPort() = default;

    /// Whether this process has CAP_NET_ADMIN, which every change of the network requires.
    [[nodiscard]] virtual bool has_net_admin() = 0;
    /// The processes that hold sockets with these inodes; if several hold one, the one with the lowest pid.
    /// Processes that may not be accessed are left out.
    [[nodiscard]] virtual ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes) = 0;
    /// The path of libmptcpwrap; std::nullopt if it is not installed.
    [[nodiscard]] virtual std::optional<std::string> find_preload_library() = 0;
    /// The program of a command, which is searched in PATH if the name has no slash.
    /// ErrorKind::unavailable: there is none; failed: it may not be executed.
    [[nodiscard]] virtual Result<FoundProgram> find_program(const std::string& name) = 0;
    /// Replaces this process with the program at `path`, a result of find_program(). `command` are its
    /// arguments, beginning with its name; `variables` are added to the environment. Returns only on failure;
    /// ErrorKind::unavailable: there is no such program.
    [[nodiscard]] virtual Error exec_program(
        const std::string& path,
        const std::vector<std::string>& command,
        const std::map<std::string, std::string>& variables) = 0;
};

} // namespace keeper
