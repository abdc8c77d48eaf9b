#include "engine/told_warnings.hpp"

#include <algorithm>
#include <iterator>

namespace keeper {

namespace {

/// Some warnings name processes, of which there are always new ones.
constexpr std::size_t most_remembered = 1000;

std::set<Kind> common(const std::set<Kind>& one, const std::set<Kind>& other) {
    std::set<Kind> result;
    std::set_intersection(
        one.begin(), one.end(), other.begin(), other.end(), std::inserter(result, result.end()));
    return result;
}

void subtract(std::set<Kind>& from, const std::set<Kind>& kinds) {
    std::erase_if(from, [&](Kind kind) { return kinds.count(kind) != 0; });
}

} // namespace

void ToldWarnings::note_absence(const std::set<std::string>& present, const std::set<Kind>& kinds) {
    for (auto& [warning, origin] : told_) {
        if (present.count(warning) == 0) {
            subtract(origin.possible, kinds);
            origin.absent.insert(kinds.begin(), kinds.end());
        }
    }
    std::erase_if(told_, [](const auto& entry) { return entry.second.possible.empty(); });
}

std::vector<std::string>
ToldWarnings::news(const std::vector<std::string>& warnings, const std::set<Kind>& kinds) {
    const std::set<std::string> present(warnings.begin(), warnings.end());
    note_absence(present, kinds);
    if (told_.size() > most_remembered) {
        told_.clear();
    }
    std::vector<std::string> result;
    for (const std::string& warning : warnings) {
        const auto [known, is_new] = told_.try_emplace(warning, Origin{kinds, {}});
        Origin& origin = known->second;
        const std::set<Kind> both = common(origin.possible, kinds);
        const bool had_gone = both.empty() && !common(origin.absent, kinds).empty();
        if (is_new || had_gone) {
            result.push_back(warning);
            origin.possible = kinds;
        } else if (both.empty()) {
            origin.possible.insert(kinds.begin(), kinds.end()); // about several kinds
        } else {
            origin.possible = both;
        }
        subtract(origin.absent, kinds);
    }
    return result;
}

} // namespace keeper
