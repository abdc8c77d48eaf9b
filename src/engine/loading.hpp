#pragma once

#include <set>

#include "engine/drift_history.hpp"
#include "plan/apply_report.hpp"

namespace keeper {

/// Distinguishes the first application of a declaration from the repair of drift, item by item: an item is
/// loading until a round that acts has found it as declared or has made it so. What a round could not reach
/// (an address that is missing, a NetworkManager that does not answer) goes on loading, and nothing else
/// does: an item of a section that is complete is not affected by one that is not.
class Loading {
  public:
    /// A declaration was loaded, and the rounds that follow will apply it.
    void begin();
    /// A declaration was loaded, and none of the rounds that follow applies it.
    void clear();
    [[nodiscard]] bool includes(const Change& change) const;
    /// A round that acted is over.
    void acted(const Scope& scope, const ApplyReport& report);

  private:
    std::set<Resource> untried_;
    std::set<Item> outstanding_; ///< tried, and not reached yet
};

} // namespace keeper
