#include "report/diagnostic_text.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"

namespace keeper {

namespace {

// A file may be one line without end: enough to see what stands around the place, and no more.
constexpr std::size_t characters_before = 100;
constexpr std::size_t characters_after = 60;
constexpr std::string_view ellipsis = "…";

/// The byte offset of the character with that index, or the text's end.
std::size_t offset_of(std::string_view text, std::size_t index) {
    std::size_t offset = 0;
    while (index-- > 0 && offset < text.size()) {
        offset += next_character(text.substr(offset)).length;
    }
    return offset;
}

/// printable(), but tabs stay: the terminal expands them alike in the line and in the caret's line.
std::string shown(std::string_view text) {
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
    const std::vector<Diagnostic>& diagnostics, std::string_view word, Tone tone, Colour colour) {
    std::string result;
    for (const Diagnostic& diagnostic : diagnostics) {
        const Source& source = diagnostic.source;
        const std::string place = printable(source.file) + ":" + std::to_string(std::max(source.line, 1)) +
                                  ":" + std::to_string(std::max(source.column, 1)) + ":";
        result += paint(colour, Tone::strong, place) + " " + paint(colour, tone, word) +
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
    const std::size_t begin = index > characters_before ? offset_of(line, index - characters_before) : 0;
    const std::size_t target = offset_of(line, index);
    const std::size_t end = target + offset_of(line.substr(target), characters_after);
    const std::string before =
        std::string(begin > 0 ? ellipsis : "") + shown(line.substr(begin, target - begin));
    const std::string after =
        shown(line.substr(target, end - target)) + std::string(end < line.size() ? ellipsis : "");
    return before + after + "\n" + indent_below(before) + paint(colour, Tone::bad, "^") + "\n";
}

std::string errors_text(const std::vector<Diagnostic>& errors, Colour colour) {
    return diagnostics_text(errors, "", Tone::plain, colour);
}

std::string warnings_text(const std::vector<Diagnostic>& warnings, Colour colour) {
    return diagnostics_text(warnings, "warning: ", Tone::caution, colour);
}

} // namespace keeper
