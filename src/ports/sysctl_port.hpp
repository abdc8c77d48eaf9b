#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace keeper {

/// The net.mptcp.* sysctls of one network namespace. Names are those after "net.mptcp.".
class SysctlPort {
  public:
    virtual ~SysctlPort() = default;

    /// All sysctls that can be read, as the kernel shows them, without the line end. ErrorKind::unavailable
    /// where the kernel has no MPTCP.
    [[nodiscard]] virtual Result<std::map<std::string, std::string>> read_all() = 0;
    /// ErrorKind::unsupported for a name that this kernel lacks, not_permitted for a read-only one.
    [[nodiscard]] virtual Result<void> write(const std::string& name, const std::string& value) = 0;
};

} // namespace keeper
