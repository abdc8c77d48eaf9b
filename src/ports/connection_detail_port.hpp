#pragma once

#include <set>
#include <vector>

#include "base/result.hpp"
#include "model/connection.hpp"

namespace keeper {

/// Live MPTCP connections of one network namespace with everything that a person may want to see of them.
class ConnectionDetailPort {
  public:
    virtual ~ConnectionDetailPort() = default;
    /// Listeners are left out; connections that fell back to TCP are not. Without CAP_NET_ADMIN the kernel
    /// does not say which TCP sockets are subflows, and connections have none.
    [[nodiscard]] virtual Result<std::vector<Connection>> details() = 0;
    /// Who holds these sockets. A socket of a process that may not be looked at is left out; where several
    /// hold one, it is the one with the lowest pid.
    [[nodiscard]] virtual ProcessesByInode processes(const std::set<std::uint64_t>& inodes) = 0;
};

} // namespace keeper
