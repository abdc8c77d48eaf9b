#pragma once

#include <vector>

#include "plan/planner.hpp"

namespace keeper::planner {

/// One entry of `endpoints` and what must be done for it.
struct Entry {
    const EndpointKey& key;
    DesiredEndpoint wanted;
    const Endpoint* existing = nullptr; ///< null for none
    std::vector<Change> changes;        ///< empty where all is as declared, else exactly one
    [[nodiscard]] Change* change() { return changes.empty() ? nullptr : &changes.front(); }
    [[nodiscard]] const Change* change() const { return changes.empty() ? nullptr : &changes.front(); }
};

/// An item that is not carried out, and why.
[[nodiscard]] Change idle_change(const Input& input, const Entry& entry, Standing standing, std::string note);

/// Gives pinned ids to the entries that declare them. Among our own endpoints pins win: one without a pin
/// makes room, and pinned ones may swap their ids. An entry whose id another program's endpoint holds is
/// blocked. Appends what makes room and is no entry of its own.
void settle_ids(
    const Input& input,
    const std::vector<Change>& removals,
    std::vector<Entry>& entries,
    std::vector<Change>& others);

} // namespace keeper::planner
