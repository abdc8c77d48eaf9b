// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <compare>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// Identifies the item that a change is about.
struct Item {
    Resource resource = Resource::sysctl;
    std::string key;
    friend auto operator<=>(const Item&, const Item&) = default;
};

/// An item that another program keeps changing.
struct Conflict {
    Item item;
    std::size_t repairs = 0;               ///< in the last ten minutes
    std::chrono::milliseconds retry_at{0}; ///< by the clock that the history is used with
    friend bool operator==(const Conflict&, const Conflict&) = default;
};

/// Remembers the repairs of each item and decides when the next one is allowed, so that two programs that
/// disagree do not overwrite each other endlessly: after three repairs in ten minutes an item is paused,
/// first for 10 s, then twice as long each time, up to ten minutes. An item that NetworkManager is known to
/// revert is repaired at most once a minute instead, and never counts as a conflict.
///
/// Pure: every function takes the time, from any monotonic clock.
class DriftHistory {
  public:
    using Time = std::chrono::milliseconds;

    [[nodiscard]] bool may_repair(const Item& item, Time now) const;
    void repaired(const Item& item, Time now);
    /// Like repaired(), for an item that NetworkManager's next sync will revert.
    void reasserted(const Item& item, Time now);
    /// It could not be repaired: the next try waits 1 s, then twice as long each time, up to a minute.
    void failed(const Item& item, Time now);
    /// For a reload: starts from scratch.
    void forget() { entries_.clear(); }
    /// NetworkManager was restarted: what happened to its items until it settled is not a conflict.
    void forget_network_manager_items();
    /// Failed items may be tried again at once, since the reason may no longer exist. Conflicts are kept.
    void forget_failures();

    /// When the first paused item of each resource may be tried again.
    [[nodiscard]] std::map<Resource, Time> next_tries(Time now) const;
    /// Items that are paused because of a conflict, sorted.
    [[nodiscard]] std::vector<Conflict> conflicts(Time now) const;

  private:
    struct Entry {
        std::deque<Time> repairs;
        Time pause{0};
        Time not_before{0};
        Time retry_pause{0}; ///< of the last failure
        bool is_conflict() const { return pause.count() > 0; }
    };
    std::map<Item, Entry> entries_;
};

} // namespace keeper
