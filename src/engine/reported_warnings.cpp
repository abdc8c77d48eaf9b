// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reported_warnings.hpp"

#include <algorithm>
#include <iterator>

namespace keeper {

namespace {

/// Some warnings name processes, so new ones keep appearing.
constexpr std::size_t most_remembered = 1000;

std::set<Section> common(const std::set<Section>& one, const std::set<Section>& other) {
    std::set<Section> result;
    std::set_intersection(
        one.begin(), one.end(), other.begin(), other.end(), std::inserter(result, result.end()));
    return result;
}

void subtract(std::set<Section>& from, const std::set<Section>& sections) {
    std::erase_if(from, [&](Section section) { return sections.count(section) != 0; });
}

} // namespace

void ReportedWarnings::note_absence(const std::set<std::string>& present, const std::set<Section>& sections) {
    for (auto& [warning, origin] : reported_) {
        if (present.count(warning) == 0) {
            subtract(origin.possible, sections);
            origin.absent.insert(sections.begin(), sections.end());
        }
    }
    std::erase_if(reported_, [](const auto& entry) { return entry.second.possible.empty(); });
}

std::vector<std::string>
ReportedWarnings::filter_new(const std::vector<std::string>& warnings, const std::set<Section>& sections) {
    const std::set<std::string> present(warnings.begin(), warnings.end());
    note_absence(present, sections);
    if (reported_.size() > most_remembered) {
        reported_.clear();
    }
    std::vector<std::string> result;
    for (const std::string& warning : warnings) {
        const auto [known, is_new] = reported_.try_emplace(warning, Origin{sections, {}});
        Origin& origin = known->second;
        const std::set<Section> both = common(origin.possible, sections);
        const bool was_absent = both.empty() && !common(origin.absent, sections).empty();
        if (is_new || was_absent) {
            result.push_back(warning);
            origin.possible = sections;
        } else if (both.empty()) {
            origin.possible.insert(sections.begin(), sections.end()); // about several sections
        } else {
            origin.possible = both;
        }
        subtract(origin.absent, sections);
    }
    return result;
}

} // namespace keeper
