// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "plan/planner.hpp"

namespace keeper::planner {

/// One entry of `endpoints` and the change that it needs.
struct Entry {
    const SocketAddress& key;
    DesiredEndpoint wanted;
    const Endpoint* existing = nullptr; ///< null for none
    std::vector<Change> changes = {};   ///< empty if it is as declared, otherwise exactly one
    [[nodiscard]] Change* change() { return changes.empty() ? nullptr : &changes.front(); }
    [[nodiscard]] const Change* change() const { return changes.empty() ? nullptr : &changes.front(); }
};

/// A change that is not carried out, with the reason.
[[nodiscard]] Change
idle_change(const Input& input, const Entry& entry, Actionability actionability, std::string note);

/// Assigns pinned ids to the entries that declare them. Among our own endpoints, pins win: one without a pin
/// gives up its id, and pinned ones may swap theirs. An entry is blocked if another program's endpoint has
/// its id. Endpoints that give up an id and have no entry are appended to `others`.
void settle_ids(
    const Input& input,
    const std::vector<Change>& removals,
    std::vector<Entry>& entries,
    std::vector<Change>& others);

} // namespace keeper::planner
