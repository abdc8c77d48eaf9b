#pragma once

#include <chrono>
#include <compare>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// What a change is about, whatever its values.
struct Item {
    Resource resource = Resource::sysctl;
    std::string key;
    friend auto operator<=>(const Item&, const Item&) = default;
};

/// An item that somebody else keeps changing.
struct Conflict {
    Item item;
    std::size_t repairs = 0;               ///< in the last ten minutes
    std::chrono::milliseconds retry_at{0}; ///< of the clock that the history is used with
    friend bool operator==(const Conflict&, const Conflict&) = default;
};

/// Remembers the repairs of each item and decides when the next one may be made, so that a disagreement with
/// another program never becomes a war: after three repairs in ten minutes an item rests, first for 10 s,
/// then twice as long each time, up to ten minutes. An item that NetworkManager is known to change back by
/// its nature is repaired at most once a minute instead, and never counts as a conflict.
///
/// Pure: every function takes the time, from any clock that only goes forward.
class DriftHistory {
  public:
    using Time = std::chrono::milliseconds;

    [[nodiscard]] bool may_repair(const Item& item, Time now) const;
    void repaired(const Item& item, Time now);
    /// As repaired(), for what NetworkManager's next sync will undo.
    void reasserted(const Item& item, Time now);
    /// It could not be put right: the next try waits for 1 s, then twice as long each time, up to a minute.
    void failed(const Item& item, Time now);
    /// A reload starts afresh.
    void forget() { entries_.clear(); }
    /// NetworkManager started anew: what its items looked like until it had settled is no conflict.
    void forget_network_managers();
    /// What failed may be tried again at once, since the reason may be gone. Conflicts stay.
    void forget_failures();

    /// When the first of the resting items may be tried again, for each resource that has one.
    [[nodiscard]] std::map<Resource, Time> next_tries(Time now) const;
    /// Items that rest, sorted.
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
