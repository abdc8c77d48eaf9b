#pragma once

#include <vector>

#include "base/result.hpp"
#include "model/connection.hpp"

namespace keeper {

/// Live MPTCP connections of one network namespace, through sock_diag.
class ConnectionPort {
  public:
    virtual ~ConnectionPort() = default;
    /// Listeners are left out; connections that fell back to TCP are not. Without CAP_NET_ADMIN the kernel
    /// does not say which TCP sockets are subflows, and connections have none. A kernel without the MPTCP
    /// diag module has none to show.
    [[nodiscard]] virtual Result<std::vector<Connection>> connections() = 0;
};

} // namespace keeper
