// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

#include "model/daemon_message.hpp"

namespace keeper {

/// Requests from commands to the daemon, from the daemon's point of view. Event::request_pending announces
/// them.
class RequestPort {
  public:
    virtual ~RequestPort() = default;

    using Answer = std::function<DaemonReply(const DaemonRequest&)>;
    /// Answers all pending requests in order. Never blocks.
    virtual void serve(const Answer& answer) = 0;
};

} // namespace keeper
