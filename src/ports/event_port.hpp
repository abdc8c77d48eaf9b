#pragma once

#include <chrono>
#include <cstdint>

#include "base/flag_set.hpp"

namespace keeper {

/// A hint that something may have changed. Never the source of truth: whoever gets it looks again.
enum class Event : std::uint32_t {
    stop = 1,                     ///< SIGTERM, SIGINT
    reload = 2,                   ///< SIGHUP: load the files and act on them
    asked = 256,                  ///< a command waits for the daemon's answer: RequestPort
    poked = 4,                    ///< the dispatcher script, or an apply that wants a fresh look
    sysctls_changed = 8,          ///< a write below /proc/sys/net/mptcp, changed or not
    links_changed = 16,           ///< a link, an address or a route came, went or changed
    profiles_changed = 32,        ///< a profile or an activation of NetworkManager's
    network_manager_ready = 64,   ///< it answered a ping, or is not there at all: asking it will not block
    network_manager_changed = 128 ///< it appeared on the bus or left it
};
using Events = FlagSet<Event>;

/// The one place where the daemon waits.
class EventPort {
  public:
    virtual ~EventPort() = default;
    /// Returns when there is an event or the time is over, then possibly empty. What came before the call
    /// counts: nothing between two calls is lost.
    [[nodiscard]] virtual Events wait(std::chrono::milliseconds at_most) = 0;
    /// Asks NetworkManager whether it answers; Event::network_manager_ready follows if it does. A frozen one
    /// is so found out without waiting for it.
    virtual void ping_network_manager() = 0;
};

} // namespace keeper
