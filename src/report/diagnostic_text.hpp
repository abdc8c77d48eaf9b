// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "report/style.hpp"

namespace keeper {

/// The errors as text: "FILE:LINE:COLUMN: message", the line, and a caret under the column.
[[nodiscard]] std::string errors_text(const std::vector<Diagnostic>& errors, Colour colour);
/// Like errors_text(), with "warning: " before the message.
[[nodiscard]] std::string warnings_text(const std::vector<Diagnostic>& warnings, Colour colour);

/// The line and, below it, a caret under the character at `column` (from 1), each ended by a line feed. Tabs
/// and wide characters before it are accounted for; a long line is cut to what surrounds the column.
[[nodiscard]] std::string line_with_caret(std::string_view line, int column, Colour colour);

} // namespace keeper
