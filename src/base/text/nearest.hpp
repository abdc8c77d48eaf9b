#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// How many single-character slips (one missing, one too many, another one, two swapped) turn one word into
/// the other; the words' longest 64 bytes count.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name that somebody who wrote `word` most likely meant: at most `max_slips` away and sharing more than
/// half of the word; nothing where there is none.
[[nodiscard]] std::optional<std::string>
nearest(std::string_view word, const std::vector<std::string>& names, std::size_t max_slips = 2);

/// "did you mean X?" where a name is near, otherwise "known are X, Y and Z".
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& names);

/// "X, Y and Z" or, with another word, "X, Y or Z".
[[nodiscard]] std::string join(const std::vector<std::string>& names, std::string_view last = "and");

} // namespace keeper
