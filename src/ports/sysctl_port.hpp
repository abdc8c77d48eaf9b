// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace keeper {

/// The net.mptcp.* sysctls of one network namespace. Names are without "net.mptcp.".
class SysctlPort {
  public:
    virtual ~SysctlPort() = default;

    /// All readable sysctls in the kernel's notation, without the newline. ErrorKind::unavailable if the
    /// kernel has no MPTCP.
    [[nodiscard]] virtual Result<std::map<std::string, std::string>> read_all() = 0;
    /// ErrorKind::unsupported if this kernel lacks the sysctl, not_permitted if it is read-only.
    [[nodiscard]] virtual Result<void> write(const std::string& name, const std::string& value) = 0;
};

} // namespace keeper
