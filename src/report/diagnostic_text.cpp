// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/diagnostic_text.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"

namespace keeper {

namespace {

// A file may consist of one very long line: show only what surrounds the column.
constexpr std::size_t characters_before = 100;
constexpr std::size_t characters_after = 60;
constexpr std::string_view ellipsis = "…";

/// Like printable(), but keeps tabs: the terminal expands them equally in the line and in the caret's line.
std::string printable_with_tabs(std::string_view text) {
    std::string result;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t tab = std::min(text.find('\t', start), text.size());
        result += printable(text.substr(start, tab - start));
        if (tab < text.size()) {
            result += '\t';
        }
        start = tab + 1;
    }
    return result;
}

std::string indent_below(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const Utf8Character next = next_character(text);
        if (next.code == U'\t') {
            result += '\t';
        } else {
            result.append(display_width(next.code), ' ');
        }
        text.remove_prefix(next.length);
    }
    return result;
}

std::string diagnostics_text(
    const std::vector<Diagnostic>& diagnostics, std::string_view label, Tone tone, Colour colour) {
    std::string result;
    for (const Diagnostic& diagnostic : diagnostics) {
        const Source& source = diagnostic.source;
        const std::string place = printable(source.file) + ":" + std::to_string(std::max(source.line, 1)) +
                                  ":" + std::to_string(std::max(source.column, 1)) + ":";
        result += paint(colour, Tone::strong, place) + " " + paint(colour, tone, label) +
                  printable(diagnostic.message) + "\n";
        if (!diagnostic.line_text.empty()) {
            result += line_with_caret(diagnostic.line_text, source.column, colour);
        }
    }
    return result;
}

} // namespace

std::string line_with_caret(std::string_view line, int column, Colour colour) {
    const auto index = static_cast<std::size_t>(std::max(column, 1) - 1);
    const std::size_t begin =
        index > characters_before ? offset_of_character(line, index - characters_before) : 0;
    const std::size_t target = offset_of_character(line, index);
    const std::size_t end = target + offset_of_character(line.substr(target), characters_after);
    const std::string before =
        std::string(begin > 0 ? ellipsis : "") + printable_with_tabs(line.substr(begin, target - begin));
    const std::string after = printable_with_tabs(line.substr(target, end - target)) +
                              std::string(end < line.size() ? ellipsis : "");
    return before + after + "\n" + indent_below(before) + paint(colour, Tone::bad, "^") + "\n";
}

std::string errors_text(const std::vector<Diagnostic>& errors, Colour colour) {
    return diagnostics_text(errors, "", Tone::plain, colour);
}

std::string warnings_text(const std::vector<Diagnostic>& warnings, Colour colour) {
    return diagnostics_text(warnings, "warning: ", Tone::caution, colour);
}

} // namespace keeper
