// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/style.hpp"

#include <algorithm>
#include <array>

#include "base/text/utf8.hpp"

namespace keeper {

namespace {

struct CodeRange {
    char32_t first;
    char32_t last;
};

// Unicode 15: general categories Mn and Me of scripts common in names, and zero-width format characters.
constexpr std::array<CodeRange, 9> zero_width{{
    {0x0300, 0x036f},
    {0x0483, 0x0489},
    {0x0591, 0x05bd},
    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},
    {0x200b, 0x200f},
    {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f},
}};

// Unicode 15, EastAsianWidth.txt: W and F, adjacent ranges merged.
constexpr std::array<CodeRange, 12> double_width{{
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0xa4cf},
    {0xa960, 0xa97f},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff01, 0xff60},
    {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f},
    {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
}};

template <std::size_t N>
bool contains(const std::array<CodeRange, N>& ranges, char32_t code) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const CodeRange& range) {
        return code >= range.first && code <= range.last;
    });
}

std::string_view escape_of(Tone tone) {
    switch (tone) {
    case Tone::plain:
        return "";
    case Tone::strong:
        return "\x1b[1m";
    case Tone::faint:
        return "\x1b[2m";
    case Tone::good:
        return "\x1b[32m";
    case Tone::bad:
        return "\x1b[31m";
    case Tone::caution:
        return "\x1b[33m";
    }
    return "";
}

std::string padding(std::size_t columns) {
    return std::string(columns, ' ');
}

} // namespace

std::string paint(Colour colour, Tone tone, std::string_view text) {
    const std::string_view escape = escape_of(tone);
    if (colour == Colour::never || escape.empty() || text.empty()) {
        return std::string(text);
    }
    return std::string(escape).append(text).append("\x1b[0m");
}

std::size_t display_width(char32_t code) {
    if (code < 0x300) {
        return 1;
    }
    return contains(zero_width, code) ? 0 : contains(double_width, code) ? 2 : 1;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Utf8Character next = next_character(text);
        width += next.valid ? display_width(next.code) : 1;
        text.remove_prefix(next.length);
    }
    return width;
}

std::string render_table(const std::vector<std::vector<Cell>>& rows, Colour colour, std::string_view indent) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i].text));
        }
    }
    std::string result;
    for (const auto& row : rows) {
        std::string line(indent);
        std::size_t pending = 0; // spaces that are written only if more text follows
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!row[i].text.empty()) {
                line += padding(pending) + paint(colour, row[i].tone, row[i].text);
                pending = 0;
            }
            pending += widths[i] - display_width(row[i].text) + 2;
        }
        result += line + "\n";
    }
    return result;
}

std::string count_of(std::size_t number, std::string_view singular, std::string_view plural) {
    return std::to_string(number).append(" ").append(number == 1 ? singular : plural);
}

} // namespace keeper
