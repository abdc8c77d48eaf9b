// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/utf8.hpp"

#include <algorithm>

namespace keeper {

Utf8Character next_character(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return {first, 1, true};
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) {
        return {first, 1, false};
    }
    char32_t code = first & (0x7fU >> length);
    for (std::size_t index = 1; index < length; ++index) {
        if ((byte(index) & 0xc0) != 0x80) {
            return {first, 1, false};
        }
        code = (code << 6) | (byte(index) & 0x3fU);
    }
    const char32_t smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return {first, 1, false};
    }
    return {code, length, true};
}

std::size_t count_characters(std::string_view text) {
    constexpr std::size_t counted = 4096;
    std::string_view head = text.substr(0, counted);
    const std::size_t rest = text.size() - head.size();
    std::size_t count = 0;
    while (!head.empty()) {
        head.remove_prefix(std::min(head.size(), next_character(head).length));
        ++count;
    }
    return count + rest;
}

std::size_t offset_of_character(std::string_view text, std::size_t index) {
    std::size_t offset = 0;
    while (index-- > 0 && offset < text.size()) {
        offset += next_character(text.substr(offset)).length;
    }
    return offset;
}

} // namespace keeper
