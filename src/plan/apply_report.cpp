// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/apply_report.hpp"

#include <algorithm>

namespace keeper {

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
    case Outcome::applied:
        return "applied";
    case Outcome::failed:
        return "failed";
    case Outcome::deferred:
        return "deferred";
    case Outcome::unsupported:
        return "unsupported";
    case Outcome::reverted:
        return "reverted";
    }
    return "";
}

void add_side_effects(ApplyReport& report) {
    std::vector<std::string>& warnings = report.warnings;
    for (const AppliedChange& change : report.changes) {
        for (const std::string& effect : change.change.side_effects) {
            if (change.outcome == Outcome::applied &&
                std::find(warnings.begin(), warnings.end(), effect) == warnings.end()) {
                warnings.push_back(effect);
            }
        }
    }
}

} // namespace keeper
