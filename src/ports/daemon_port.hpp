// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "base/result.hpp"
#include "daemon_record/daemon_record.hpp"
#include "model/daemon_message.hpp"

namespace keeper {

/// The running daemon, from the point of view of a command.
class DaemonPort {
  public:
    virtual ~DaemonPort() = default;

    /// Sends the request and waits for the reply, at most 5 s. std::nullopt if no daemon is running; fails if
    /// one is running but does not answer or cannot be reached.
    [[nodiscard]] virtual Result<std::optional<DaemonReply>> ask(const DaemonRequest& request) = 0;

    /// The record that the running daemon has published; std::nullopt if none is running. Readable by every
    /// user and for display only: whether a command may act while a daemon runs is for ask().
    [[nodiscard]] virtual std::optional<DaemonRecord> record() = 0;
};

} // namespace keeper
