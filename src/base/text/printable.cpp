// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text/printable.hpp"

#include <algorithm>
#include <array>

#include "base/text/utf8.hpp"

namespace keeper {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Legal in JSON and in UTF-8, but no terminal should get it from a name: DEL and C1 controls, separators of
/// lines and paragraphs, characters that control Unicode's bidirectional algorithm (UAX #9), and those that
/// are never visible. The joiners U+200C and U+200D are not among them: words and emoji are spelled with
/// them.
bool is_deceptive(char32_t code) {
    return (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200b || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
           code == 0xfeff;
}

/// The length of a colour at the start of the text; 0 where there is none.
std::size_t length_of_colour(std::string_view text) {
    constexpr std::string_view start = "\x1b[";
    constexpr std::size_t most_digits = 2;
    if (!text.starts_with(start)) {
        return 0;
    }
    const std::size_t end = text.find_first_not_of("0123456789", start.size());
    const bool is_colour = end != std::string_view::npos && text[end] == 'm' && end > start.size() &&
                           end <= start.size() + most_digits;
    return is_colour ? end + 1 : 0;
}

bool is_plain_letter(char letter) {
    return letter >= ' ' && letter < 0x7f;
}

/// Whether the text is printable ASCII, as nearly every text is, so that no character must be checked.
bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_plain_letter);
}

/// Moves what needs no further check from the start of a document to the result: such texts and the ends of
/// lines.
void move_plain_part(std::string_view& text, std::string& result) {
    const auto end = std::find_if(
        text.begin(), text.end(), [](char letter) { return !is_plain_letter(letter) && letter != '\n'; });
    const auto length = static_cast<std::size_t>(end - text.begin());
    result += text.substr(0, length);
    text.remove_prefix(length);
}

} // namespace

bool is_replaced_for_output(char32_t code) {
    return code < 0x20 || is_deceptive(code);
}

std::string unicode_escape(char32_t code) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string escape = "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) {
        escape += digits[(code >> shift) & 0xfU];
    }
    return escape;
}

std::string printable(std::string_view text) {
    if (is_plain(text)) {
        return std::string(text);
    }
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character next = next_character(text);
        if (next.code == U'\t') {
            result += ' ';
        } else if (!next.valid || is_replaced_for_output(next.code)) {
            result += replacement;
        } else {
            result += text.substr(0, next.length);
        }
        text.remove_prefix(next.length);
    }
    return result;
}

std::string quoted_name(std::string_view name) {
    return '"' + printable(name) + '"';
}

std::string printable_line(std::string_view text) {
    std::string result;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        result.append(printable(text.substr(0, end))).append(" ");
        text.remove_prefix(std::min(text.find_first_not_of(" \t", end + 1), text.size()));
    }
    return result + printable(text);
}

std::string printable_lines(std::string_view text, std::string_view indent) {
    std::string result;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        result.append(printable(text.substr(0, end))).append("\n").append(indent);
        text.remove_prefix(end + 1);
    }
    return result + printable(text);
}

std::string printable_document(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (move_plain_part(text, result); !text.empty(); move_plain_part(text, result)) {
        const Utf8Character next = next_character(text);
        const std::size_t colour = length_of_colour(text);
        const bool is_layout = colour > 0 || next.code == U'\n' || next.code == U'\t';
        const std::size_t length = colour > 0 ? colour : next.length;
        result += is_layout || (next.valid && !is_replaced_for_output(next.code)) ? text.substr(0, length)
                                                                                  : replacement;
        text.remove_prefix(length);
    }
    return result;
}

std::string printable_json(std::string_view json) {
    std::string result;
    result.reserve(json.size());
    for (move_plain_part(json, result); !json.empty(); move_plain_part(json, result)) {
        const Utf8Character next = next_character(json);
        if (!next.valid) {
            result += replacement;
        } else if (is_deceptive(next.code)) {
            result += unicode_escape(next.code);
        } else {
            result += json.substr(0, next.length);
        }
        json.remove_prefix(next.length);
    }
    return result;
}

} // namespace keeper
