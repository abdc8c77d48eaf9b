// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "adapters/events/event_loop.hpp"
#include "adapters/kernel/mptcp_events.hpp"
#include "ports/monitor_port.hpp"

namespace keeper {

/// The event sources of a monitor: the kernel's MPTCP events, writes to the sysctls, NetworkManager, the
/// daemon's record in its folder (Event::poked), signals, and whether its own output is still read.
class MonitorLoop final : public MonitorPort {
  public:
    /// Blocks SIGINT and SIGTERM for the process. Without `bus`, no event of NetworkManager is reported.
    /// Errors as MptcpEvents::create().
    [[nodiscard]] static Result<std::unique_ptr<MonitorPort>>
    create(const std::string& daemon_folder, int output, std::unique_ptr<BusSource> bus);

    [[nodiscard]] Wakeup wait(std::chrono::milliseconds at_most) override { return loop_->wait(at_most); }
    void ping_network_manager() override { loop_->ping_network_manager(); }
    [[nodiscard]] MptcpNews take_news() override { return events_->take(); }

  private:
    MonitorLoop(std::unique_ptr<EventLoop> loop, MptcpEvents* events)
        : loop_(std::move(loop)), events_(events) {}

    std::unique_ptr<EventLoop> loop_;
    MptcpEvents* events_; ///< owned by the loop
};

} // namespace keeper
