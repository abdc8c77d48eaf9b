// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/lines.hpp"

namespace keeper {

std::string_view line_at(std::string_view text, int number) {
    std::string_view line;
    for (int current = 1; current <= number; ++current) {
        if (text.empty()) {
            return {};
        }
        line = take_line(text);
    }
    return line;
}

} // namespace keeper
