// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "base/result.hpp"
#include "model/connection.hpp"

namespace keeper {

/// Live MPTCP connections of one network namespace, from sock_diag.
class ConnectionPort {
  public:
    virtual ~ConnectionPort() = default;
    /// Without listeners, but including connections that fell back to TCP. Without CAP_NET_ADMIN the kernel
    /// does not show which TCP sockets are subflows, so connections have none. Empty if the kernel lacks the
    /// MPTCP diag module.
    [[nodiscard]] virtual Result<std::vector<Connection>> connections() = 0;
};

} // namespace keeper
