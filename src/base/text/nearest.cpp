// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/nearest.hpp"

#include <algorithm>
#include <cstddef>

#include "base/text/join.hpp"

namespace keeper {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    constexpr std::size_t longest = 64;
    a = a.substr(0, longest);
    b = b.substr(0, longest);
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t column = 0; column <= b.size(); ++column) {
        last[column] = column;
    }
    for (std::size_t row = 1; row <= a.size(); ++row) {
        current[0] = row;
        for (std::size_t column = 1; column <= b.size(); ++column) {
            const std::size_t change = a[row - 1] == b[column - 1] ? 0 : 1;
            current[column] =
                std::min({last[column] + 1, current[column - 1] + 1, last[column - 1] + change});
            if (row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1]) {
                current[column] = std::min(current[column], before_last[column - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, current);
    }
    return last[b.size()];
}

std::optional<std::string>
nearest(std::string_view word, const std::vector<std::string>& names, std::size_t max_edits) {
    std::optional<std::string> best;
    std::size_t best_distance = max_edits + 1;
    for (const std::string& name : names) {
        const std::size_t longer = std::max(word.size(), name.size());
        if (longer - std::min(word.size(), name.size()) >= best_distance) {
            continue; // the lengths alone decide: a hostile file has thousands of long words
        }
        const std::size_t distance = edit_distance(word, name);
        if (distance < best_distance && 2 * distance < longer) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& names) {
    if (const auto name = nearest(word, names)) {
        return "did you mean " + *name + "?";
    }
    return "expected " + enumerated(names, "or");
}

} // namespace keeper
