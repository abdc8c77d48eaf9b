// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// Decides which warnings of a round are logged: each one once, and again if it comes back. A warning does
/// not name its section, and most rounds cover only a few sections, so the section is inferred from the
/// rounds with and without the warning.
class ReportedWarnings {
  public:
    /// The warnings of a round that covered these sections, without those that were logged and persist.
    [[nodiscard]] std::vector<std::string>
    filter_new(const std::vector<std::string>& warnings, const std::set<Section>& sections);
    void forget() { reported_.clear(); }

  private:
    struct Origin {
        std::set<Section> possible; ///< the sections that it may concern
        std::set<Section> absent;   ///< the sections whose last round did not have it
    };
    void note_absence(const std::set<std::string>& present, const std::set<Section>& sections);

    std::map<std::string, Origin> reported_;
};

} // namespace keeper
