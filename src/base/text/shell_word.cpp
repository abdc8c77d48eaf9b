// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/shell_word.hpp"

namespace keeper {

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,=-";
    const bool is_plain = !text.empty() && text.find_first_not_of(plain) == std::string_view::npos;
    return is_plain ? std::string(text) : shell_quoted(text);
}

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char character : text) {
        if (character == '\'') {
            quoted += R"('\'')"; // ends the quotes, adds one quote, begins quotes again
        } else {
            quoted += character;
        }
    }
    return quoted + "'";
}

} // namespace keeper
