#pragma once

#include <chrono>
#include <vector>

#include "base/result.hpp"
#include "model/mptcp_event.hpp"
#include "ports/event_port.hpp"

namespace keeper {

/// What the kernel's path manager has announced since the last look.
struct MptcpNews {
    struct Item {
        std::chrono::system_clock::time_point time; ///< when it was read
        MptcpEvent event;
    };
    std::vector<Item> items;
    /// The kernel dropped events behind these since nobody read them in time.
    bool lost_some = false;
};

/// Everything that a monitor waits for. What came before a call counts: nothing between two calls is lost
/// but what the kernel had no room for, and that is said.
class MonitorPort : public EventPort {
  public:
    /// Hands out what wait() has collected.
    [[nodiscard]] virtual MptcpNews take_news() = 0;
};

} // namespace keeper
