// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace keeper {

/// The character at the start of a text.
struct Utf8Character {
    char32_t code = 0;
    std::size_t length = 1; ///< in bytes; 1 where it is not valid
    bool valid = false;     ///< false for overlong forms, surrogates and stray bytes (RFC 3629)
};

/// Decodes the first character; the text must not be empty.
[[nodiscard]] Utf8Character next_character(std::string_view text);

/// How many characters the text has; a byte that is not valid UTF-8 counts as one. After the first
/// 4096 bytes, each byte counts as one, so that the cost is bounded for a very long line.
[[nodiscard]] std::size_t count_characters(std::string_view text);

/// The byte offset of the character with that index, counted from 0; the text's size if it has fewer.
[[nodiscard]] std::size_t offset_of_character(std::string_view text, std::size_t index);

} // namespace keeper
