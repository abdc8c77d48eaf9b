// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "ports/sysctl_port.hpp"

namespace keeper {

/// net.mptcp.* as files in a directory, in the network namespace of the calling thread. Keeps no descriptor
/// open between calls. Not thread-safe.
class ProcfsSysctls : public SysctlPort {
  public:
    explicit ProcfsSysctls(std::string directory = "/proc/sys/net/mptcp");

    [[nodiscard]] Result<std::map<std::string, std::string>> read_all() override;
    /// Opens only an existing regular file of the directory: a name is [a-z0-9_]+, links are not followed,
    /// and nothing is created.
    [[nodiscard]] Result<void> write(const std::string& name, const std::string& value) override;

  private:
    std::string directory_;
};

} // namespace keeper
