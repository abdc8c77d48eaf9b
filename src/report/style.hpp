// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/printable.hpp"

namespace keeper {

/// Whether a report may use colours; the caller knows whether it writes to a terminal.
enum class Colour { never, always };

/// The meaning of a piece of text. It determines the colour, which is never the only sign of that meaning.
enum class Tone { plain, strong, faint, good, bad, caution };

/// The text in the colour of the tone; unchanged if colour is off.
[[nodiscard]] std::string paint(Colour colour, Tone tone, std::string_view text);

/// The number of terminal columns of the UTF-8 text: 0 for combining marks, 2 for East Asian wide characters.
/// Each byte of invalid UTF-8 counts as one column.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// 0, 1 or 2 terminal columns.
[[nodiscard]] std::size_t display_width(char32_t code);

/// One cell of a table.
struct Cell {
    std::string text;
    Tone tone = Tone::plain;
};

/// Aligned lines with two spaces between columns and none at the end. A row may have fewer cells than others.
[[nodiscard]] std::string
render_table(const std::vector<std::vector<Cell>>& rows, Colour colour, std::string_view indent);

/// "1 change", "2 changes".
[[nodiscard]] std::string count_of(std::size_t number, std::string_view singular, std::string_view plural);

} // namespace keeper
