#pragma once

#include <optional>

#include "base/result.hpp"
#include "model/daemon_message.hpp"

namespace keeper {

/// The running daemon, as a command sees it.
class DaemonPort {
  public:
    virtual ~DaemonPort() = default;

    /// Sends the request and waits for the reply, 5 s at most. Nothing where no daemon runs; an Error where
    /// one runs and does not answer, or cannot be reached.
    [[nodiscard]] virtual Result<std::optional<DaemonReply>> ask(const DaemonRequest& request) = 0;
};

} // namespace keeper
