// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <poll.h>

#include "ports/event_port.hpp"

namespace keeper {

/// A source of the event loop: a descriptor, and the events that its readiness means.
class PollSource {
  public:
    virtual ~PollSource() = default;

    /// What to wait for now; fd -1 disables the source.
    [[nodiscard]] virtual pollfd interest() = 0;
    /// Called if the descriptor is ready or the source has a timer. Never blocks; reads everything available.
    [[nodiscard]] virtual Wakeup collect() = 0;
    /// Whether EventPort::hold_back_changes() concerns this source.
    [[nodiscard]] virtual bool reports_changes() const { return false; }
    /// After how long collect() must be called even if nothing is ready; std::nullopt for never.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> time_to_next() { return std::nullopt; }
};

} // namespace keeper
