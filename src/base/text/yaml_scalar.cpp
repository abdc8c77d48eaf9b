// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/text/join.hpp"
#include "base/text/printable.hpp"
#include "base/text/utf8.hpp"

namespace keeper {

namespace {

/// Whether YAML reads the word as something else than a text.
bool is_yaml_word(const std::string& text) {
    constexpr std::array<std::string_view, 13> words{
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf", ".nan", "~"};
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) {
        return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
    });
    char* end = nullptr;
    std::strtod(text.c_str(), &end);
    return *end == '\0' || std::find(words.begin(), words.end(), lower) != words.end();
}

/// The sanitiser of the output would replace the character itself, and the text would read as another.
std::string escape_of(char32_t code) {
    const std::string escape = unicode_escape(code);
    return code > 0xff ? escape : "\\x" + escape.substr(escape.size() - 2);
}

} // namespace

std::string yaml_scalar(const std::string& text) {
    constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@+-";
    const bool is_plain = !text.empty() && text.front() != '-' && text.front() != '@' &&
                          text.find_first_not_of(safe) == std::string::npos && !is_yaml_word(text);
    if (is_plain) {
        return text;
    }
    std::string quoted = "\"";
    for (std::string_view rest = text; !rest.empty();) {
        const Utf8Character next = next_character(rest);
        const std::string_view character = rest.substr(0, next.length);
        rest.remove_prefix(next.length);
        if (character == "\"" || character == "\\") {
            quoted += '\\';
            quoted += character;
        } else if (next.valid && is_replaced_for_output(next.code)) {
            quoted += escape_of(next.code);
        } else {
            quoted += character;
        }
    }
    return quoted + "\"";
}

std::string yaml_list(const std::vector<std::string>& values) {
    std::vector<std::string> scalars;
    for (const std::string& value : values) {
        scalars.push_back(yaml_scalar(value));
    }
    return "[" + joined(scalars, ", ") + "]";
}

} // namespace keeper
