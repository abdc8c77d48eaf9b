// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/environment_file.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"

namespace keeper {

namespace {

constexpr std::size_t longest_value = 64 * 1024;
constexpr std::size_t longest_unit_name = 255; // UNIT_NAME_MAX without the final NUL

/// Characters that systemd's utf8_is_valid() refuses although they are valid UTF-8.
bool is_noncharacter(char32_t code) {
    return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffeU) == 0xfffeU;
}

bool is_control(char32_t code) {
    return (code < 0x20 && code != U'\t' && code != U'\n') || code == 0x7f;
}

bool is_unit_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view(":-_.\\@").find(letter) != std::string_view::npos;
}

} // namespace

std::string environment_file(const std::map<std::string, std::string>& variables) {
    std::string text;
    for (const auto& [name, value] : variables) {
        text += name + "=\"";
        for (const char letter : value) {
            text += std::string_view("\"\\`$").find(letter) != std::string_view::npos ? "\\" : "";
            text += letter;
        }
        text += "\"\n";
    }
    return text;
}

bool is_kept_by_systemd(std::string_view value) {
    if (value.size() > longest_value) {
        return false;
    }
    while (!value.empty()) {
        const Utf8Character next = next_character(value);
        if (!next.valid || is_noncharacter(next.code) || is_control(next.code)) {
            return false;
        }
        value.remove_prefix(next.length);
    }
    return true;
}

bool is_unit_name(std::string_view name) {
    return name.size() <= longest_unit_name && name.find('.') != std::string_view::npos &&
           name.front() != '.' && std::all_of(name.begin(), name.end(), is_unit_letter);
}

} // namespace keeper
