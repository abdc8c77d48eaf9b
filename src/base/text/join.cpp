// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/join.hpp"

#include <cstddef>

namespace keeper {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text.append(i == 0 ? "" : separator).append(words[i]);
    }
    return text;
}

std::string enumerated(const std::vector<std::string>& words, std::string_view last_word) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0 && i + 1 == words.size()) {
            text.append(" ").append(last_word).append(" ");
        } else if (i > 0) {
            text += ", ";
        }
        text += words[i];
    }
    return text;
}

} // namespace keeper
