// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// The number of single-character edits (insert, delete, replace, swap two neighbours) that turn one word
/// into the other. Only the first 64 bytes of each count.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name most likely meant by `word`: at most `max_edits` away and sharing more than half of the word;
/// std::nullopt if there is none.
[[nodiscard]] std::optional<std::string>
nearest(std::string_view word, const std::vector<std::string>& names, std::size_t max_edits = 2);

/// "did you mean X?" if a name is near, otherwise "expected X, Y or Z".
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& names);

} // namespace keeper
