// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

namespace keeper {

/// What separates words unless the caller says otherwise: std::isspace() in the C locale.
inline constexpr std::string_view white_space = " \t\n\v\f\r";

/// Takes the first word off the front of the text, with the separators before it; "" if there is none. Any
/// of the given characters separates words.
[[nodiscard]] std::string_view take_word(std::string_view& text, std::string_view separators = white_space);

/// All words of the text, as views into it.
[[nodiscard]] std::vector<std::string_view>
words_of(std::string_view text, std::string_view separators = white_space);

/// Takes the text up to the first separator off the front, and the separator with it. Unlike words, fields
/// may be empty: "a::b" has three. Without a separator, takes all of the text.
[[nodiscard]] std::string_view take_field(std::string_view& text, char separator);

} // namespace keeper
