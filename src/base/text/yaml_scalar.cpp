// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/text/join.hpp"

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

} // namespace

std::string yaml_scalar(const std::string& text) {
    constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@+-";
    const bool is_plain = !text.empty() && text.front() != '-' && text.front() != '@' &&
                          text.find_first_not_of(safe) == std::string::npos && !is_yaml_word(text);
    if (is_plain) {
        return text;
    }
    std::string quoted = "\"";
    for (const char letter : text) {
        constexpr std::string_view hex = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            quoted += std::string("\\") + letter;
        } else if (byte < 0x20 || byte == 0x7f) {
            quoted += std::string("\\x") + hex[byte >> 4U] + hex[byte & 0xfU];
        } else {
            quoted += letter;
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
