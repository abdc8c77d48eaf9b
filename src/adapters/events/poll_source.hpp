#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <poll.h>

#include "ports/event_port.hpp"

namespace keeper {

/// Something that the event loop waits on: one descriptor, and what its readiness means.
class PollSource {
  public:
    virtual ~PollSource() = default;

    /// What to wait for now; fd -1 leaves the source out.
    [[nodiscard]] virtual pollfd interest() = 0;
    /// Called after every wait, whether the descriptor was ready or not. Never blocks; reads all there is.
    [[nodiscard]] virtual Events collect() = 0;
    /// When collect() must be called even if nothing is ready; nothing for "never".
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> time_to_next() { return std::nullopt; }
};

} // namespace keeper
