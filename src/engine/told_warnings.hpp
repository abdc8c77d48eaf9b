#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// Decides which warnings of a round are worth a line: each one once, and again after it had gone. A warning
/// does not say which kind it is about, and most rounds cover a few kinds only, so its kind is inferred from
/// the rounds that had it and those that had not.
class ToldWarnings {
  public:
    /// The warnings of a round that covered these kinds, without those that were logged and have lasted.
    [[nodiscard]] std::vector<std::string>
    news(const std::vector<std::string>& warnings, const std::set<Kind>& kinds);
    void forget() { told_.clear(); }

  private:
    struct Origin {
        std::set<Kind> possible; ///< the kinds that it may be about
        std::set<Kind> absent;   ///< the kinds whose last round did not have it
    };
    void note_absence(const std::set<std::string>& present, const std::set<Kind>& kinds);

    std::map<std::string, Origin> told_;
};

} // namespace keeper
