// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <set>

#include "base/flag_set.hpp"
#include "model/link_change.hpp"

namespace keeper {

/// A hint that something may have changed. Never the source of truth: the receiver reads the state again.
enum class Event : std::uint32_t {
    stop = 1,                      ///< SIGTERM, SIGINT
    reload = 2,                    ///< SIGHUP: load the files and apply them
    poked = 4,                     ///< by the dispatcher script, or by a command that changed the host
    sysctls_changed = 8,           ///< a write below /proc/sys/net/mptcp, even of the same value
    links_changed = 16,            ///< any links, addresses and default routes: events about them were lost
    profiles_changed = 32,         ///< a profile, activation or device that the last snapshot contains
    network_manager_ready = 64,    ///< it answered a ping, or is not running: a call will not block
    network_manager_changed = 128, ///< it appeared on the bus or left it
    request_pending = 256,         ///< a command waits for the daemon's answer: RequestPort
    /// An object of NetworkManager that the last snapshot does not contain, or that the keeper leaves alone,
    /// such as the devices of containers.
    other_profiles_changed = 512
};
using Events = FlagSet<Event>;

/// Why the daemon was woken.
struct Wakeup {
    Events events;
    std::set<LinkChange> links; ///< what changed; Event::links_changed if that is not known
    Wakeup() = default;
    Wakeup(Events happened) : events(happened) {} // NOLINT(google-explicit-constructor): most have no details
    Wakeup(Event happened) : events({happened}) {} // NOLINT(google-explicit-constructor)

    void add(Wakeup other) {
        events = events | other.events;
        links.merge(other.links);
    }
    friend bool operator==(const Wakeup&, const Wakeup&) = default;
};

/// The one place where the daemon waits.
class EventPort {
  public:
    virtual ~EventPort() = default;
    /// Returns on an event, or after `at_most`, then possibly empty. Includes events since the previous call:
    /// none is lost.
    [[nodiscard]] virtual Wakeup wait(std::chrono::milliseconds at_most) = 0;
    /// For that long, changes of links and of NetworkManager's objects collect without waking: a flood of
    /// changes that concern no item costs a wake-up for each batch, not for each change. All other events
    /// wake as always.
    virtual void hold_back_changes(std::chrono::milliseconds) {}
    /// Pings NetworkManager; Event::network_manager_ready follows if it answers. This detects a frozen one
    /// without blocking.
    virtual void ping_network_manager() = 0;
};

} // namespace keeper
