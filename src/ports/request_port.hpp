#pragma once

#include <functional>

#include "model/daemon_message.hpp"

namespace keeper {

/// The commands that ask the daemon something, as the daemon sees them. Event::asked announces them.
class RequestPort {
  public:
    virtual ~RequestPort() = default;

    using Answer = std::function<DaemonReply(const DaemonRequest&)>;
    /// Answers all requests that have arrived, in their order. Never waits.
    virtual void serve(const Answer& answer) = 0;
};

} // namespace keeper
