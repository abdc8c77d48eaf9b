// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/yaml/text_check.hpp"

#include <fmt/format.h>

#include "base/text/utf8.hpp"

namespace keeper {

namespace {

std::string refusal_of_character(std::string_view rest, const Utf8Character& character) {
    if (!character.valid) {
        return fmt::format(
            "byte 0x{:02x} is not valid UTF-8; save the file as UTF-8",
            static_cast<unsigned>(static_cast<unsigned char>(rest.front())));
    }
    if (character.code == 0) {
        return "NUL byte: this is not a YAML file";
    }
    const bool is_control = (character.code < 0x20 && character.code != '\t' && character.code != '\n' &&
                             character.code != '\r') ||
                            (character.code >= 0x7f && character.code < 0xa0);
    if (is_control) {
        return fmt::format(
            "control character U+{:04X} is not allowed in YAML; remove it",
            static_cast<unsigned>(character.code));
    }
    return {};
}

} // namespace

std::optional<YamlRefusal> refusal_of_text(std::string_view text) {
    if (text.size() > yaml_limits::max_bytes) {
        return YamlRefusal{
            whole_file,
            fmt::format(
                "the file is larger than {} KiB; split it into drop-ins", yaml_limits::max_bytes / 1024)};
    }
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
        return YamlRefusal{whole_file, "the file looks like UTF-16; save it as UTF-8"};
    }
    std::size_t brackets = 0;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::string_view rest = text.substr(offset);
        const Utf8Character character = next_character(rest);
        std::string message = refusal_of_character(rest, character);
        if (character.code == '[' || character.code == '{') {
            ++brackets;
        }
        if (brackets > yaml_limits::max_brackets) {
            message = fmt::format(
                "the file has more than {} opening brackets; split it into drop-ins",
                yaml_limits::max_brackets);
        }
        if (!message.empty()) {
            return YamlRefusal{place_of(text, offset), std::move(message)};
        }
        offset += character.length;
    }
    return std::nullopt;
}

} // namespace keeper
