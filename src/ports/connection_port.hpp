#pragma once

#include <vector>

#include "base/result.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Live MPTCP connections of one network namespace, through sock_diag.
class ConnectionPort {
  public:
    virtual ~ConnectionPort() = default;
    /// Listening sockets are left out. A kernel without the MPTCP diag module has none to show.
    [[nodiscard]] virtual Result<std::vector<LiveConnection>> connections() = 0;
};

} // namespace keeper
