// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/words.hpp"

#include <algorithm>

namespace keeper {

std::string_view take_word(std::string_view& text, std::string_view separators) {
    text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(word.size());
    return word;
}

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> words;
    for (auto word = take_word(text, separators); !word.empty(); word = take_word(text, separators)) {
        words.push_back(word);
    }
    return words;
}

std::string_view take_field(std::string_view& text, char separator) {
    const std::string_view field = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    return field;
}

} // namespace keeper
