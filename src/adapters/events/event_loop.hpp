// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "adapters/events/bus_source.hpp"
#include "adapters/events/poll_source.hpp"
#include "ports/event_port.hpp"

namespace keeper {

/// poll(2) over all sources. Single-threaded.
class EventLoop final : public EventPort {
  public:
    /// `bus` is one more source, and sends the pings; null for a loop that never pings.
    EventLoop(std::vector<std::unique_ptr<PollSource>> sources, std::unique_ptr<BusSource> bus);

    [[nodiscard]] Wakeup wait(std::chrono::milliseconds at_most) override;
    void hold_back_changes(std::chrono::milliseconds duration) override;
    void ping_network_manager() override;

  private:
    enum class Sources { all, urgent };
    /// Like wait(), but returns as soon as any source is ready.
    [[nodiscard]] Wakeup wait_once(std::chrono::milliseconds at_most);
    /// Waits for these sources and collects from those that are ready.
    [[nodiscard]] Wakeup wait_for(Sources which, std::chrono::milliseconds at_most);

    std::vector<std::unique_ptr<PollSource>> sources_;
    std::unique_ptr<BusSource> bus_;
    std::chrono::steady_clock::time_point held_back_until_;
};

} // namespace keeper
