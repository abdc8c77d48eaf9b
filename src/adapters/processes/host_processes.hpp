// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/process_port.hpp"

namespace keeper {

/// The processes of this host, from /proc.
class HostProcesses final : public ProcessPort {
  public:
    using SignalHandler = void (*)(int);

    /// `pipe_handler`: the disposition of SIGPIPE before this program changed it, for exec_program() to
    /// restore.
    explicit HostProcesses(SignalHandler pipe_handler) : pipe_handler_(pipe_handler) {}

    [[nodiscard]] bool has_net_admin() override;
    [[nodiscard]] ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes) override;
    [[nodiscard]] std::optional<std::string> find_preload_library() override;
    [[nodiscard]] Result<FoundProgram> find_program(const std::string& name) override;
    [[nodiscard]] Error exec_program(
        const std::string& path,
        const std::vector<std::string>& command,
        const std::map<std::string, std::string>& variables) override;

  private:
    SignalHandler pipe_handler_;
};

} // namespace keeper
