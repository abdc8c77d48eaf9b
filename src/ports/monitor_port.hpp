// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <vector>

#include "base/result.hpp"
#include "model/mptcp_event.hpp"
#include "ports/event_port.hpp"

namespace keeper {

/// The path-manager events since the last call.
struct MptcpNews {
    struct Item {
        std::chrono::system_clock::time_point time; ///< when it was read
        MptcpEvent event;
    };
    std::vector<Item> items;
    /// The kernel dropped events after these because they were not read in time.
    bool lost_some = false;
};

/// The events that `monitor` waits for. Events between two calls are not lost, except those that the kernel
/// dropped, which `lost_some` reports.
class MonitorPort : public EventPort {
  public:
    /// Returns what wait() has collected.
    [[nodiscard]] virtual MptcpNews take_news() = 0;
};

} // namespace keeper
