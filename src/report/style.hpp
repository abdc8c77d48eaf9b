#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/printable.hpp"

namespace keeper {

/// Whether a report may use terminal colours. Decided by the caller, who knows the terminal.
enum class Colour { never, always };

/// What a piece of text means; the colour follows from it, and never carries meaning alone.
enum class Tone { plain, strong, faint, good, bad, caution };

/// The text in the tone's colour; the text itself where colour is off.
[[nodiscard]] std::string paint(Colour colour, Tone tone, std::string_view text);

/// How many terminal columns the UTF-8 text takes: combining marks none, East Asian wide characters two.
/// Broken UTF-8 counts as one column a byte.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// 0, 1 or 2 terminal columns.
[[nodiscard]] std::size_t display_width(char32_t code);

/// One cell of a table.
struct Cell {
    std::string text;
    Tone tone = Tone::plain;
};

/// Rows of cells as aligned lines, two spaces between columns and none at the line's end. A row may be
/// shorter than the others.
[[nodiscard]] std::string
render_table(const std::vector<std::vector<Cell>>& rows, Colour colour, std::string_view indent);

/// "1 change", "2 changes".
[[nodiscard]] std::string count_of(std::size_t number, std::string_view singular, std::string_view plural);

} // namespace keeper
