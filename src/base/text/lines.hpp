// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "base/text/trim.hpp"
#include "base/text/words.hpp"

namespace keeper {

/// Takes the first line off the front of the text and returns it without its line feed. To visit each line,
/// as std::getline() would (no empty line follows a final line feed):
///
///     while (!text.empty()) {
///         const std::string_view line = take_line(text);
///
[[nodiscard]] inline std::string_view take_line(std::string_view& text) {
    return take_field(text, '\n');
}

/// The line with that number, counted from 1, without its line feed; "" if the text has fewer lines.
[[nodiscard]] std::string_view line_at(std::string_view text, int number);

/// Calls use(line, number) for each line with content, trimmed: skips empty lines and comments, which begin
/// with "#" or ";". A "#" after other text does not start a comment. The number counts all lines, from 1.
template <class Use>
void for_each_line(std::string_view text, Use use) {
    for (int number = 1; !text.empty(); ++number) {
        const std::string_view line = trimmed(take_line(text));
        if (!line.empty() && line.front() != '#' && line.front() != ';') {
            use(line, number);
        }
    }
}

} // namespace keeper
