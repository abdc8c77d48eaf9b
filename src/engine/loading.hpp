// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>

#include "engine/drift_history.hpp"
#include "plan/apply_report.hpp"

namespace keeper {

/// Distinguishes the first application of a declaration from the repair of drift, item by item: an item is
/// loading until an apply round has found it as declared or has made it so. Only items that a round could not
/// reach (a missing address, a NetworkManager that does not answer) keep loading; they do not affect items of
/// sections that are complete.
class Loading {
  public:
    /// A declaration was loaded, and the following rounds apply it.
    void begin();
    /// A declaration was loaded, and no round applies it.
    void clear();
    [[nodiscard]] bool includes(const Change& change) const;
    /// An apply round is over.
    void record_apply(const Scope& scope, const ApplyReport& report);

  private:
    std::set<Resource> untried_;
    std::set<Item> outstanding_; ///< tried, but not reached yet
};

} // namespace keeper
