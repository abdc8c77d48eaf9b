// SPDX-License-Identifier: LGPL-2.1-or-later
#include "manual/pages.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "base/text/lines.hpp"

namespace keeper::manual {

namespace {

/// roff may print the hyphen of a compound word as another dash; one that users type must stay a hyphen.
enum class Hyphens { in_prose, typed };

std::string escaped(std::string_view text, Hyphens hyphens) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        const bool is_alone = letter == '-' && text.substr(at - std::min<std::size_t>(at, 1), 3) == " - ";
        if (letter == '\\') {
            result += "\\e";
        } else if (letter == '-' && (is_alone || hyphens == Hyphens::typed)) {
            result += "\\-";
        } else {
            result += letter;
        }
    }
    return result;
}

/// roff would take a line that begins with a dot or a quote for a request.
std::string as_text_line(std::string line) {
    return line.starts_with('.') || line.starts_with('\'') ? "\\&" + line : line;
}

/// Translates Markdown's **bold**, *italic* and `code` to changes of the font.
std::string with_fonts(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::string_view mark = text.starts_with("**") ? "**" : text.substr(0, 1);
        const bool is_mark = mark == "**" || mark == "*" || mark == "`";
        const std::size_t end =
            is_mark ? text.find(mark, mark.size()) : std::min(text.find_first_of("*`"), text.size());
        if (is_mark && end != std::string_view::npos) {
            result += mark == "*" ? "\\fI" : "\\fB";
            result += escaped(text.substr(mark.size(), end - mark.size()), Hyphens::typed) + "\\fR";
            text.remove_prefix(end + mark.size());
        } else {
            const std::size_t plain =
                is_mark ? mark.size() : end; // a mark without a closing one is plain text
            result += escaped(text.substr(0, plain), Hyphens::in_prose);
            text.remove_prefix(plain);
        }
    }
    return result;
}

/// The position of the ": " that ends the term of an item, ignoring `code`; the length if there is none.
std::size_t end_of_term(std::string_view item) {
    bool is_code = false;
    for (std::size_t at = 0; at + 1 < item.size(); ++at) {
        is_code = is_code != (item[at] == '`');
        if (!is_code && item[at] == ':' && item[at + 1] == ' ') {
            return at;
        }
    }
    return item.ends_with(':') ? item.size() - 1 : item.size();
}

/// Translates Markdown to pages, line by line.
class Writer {
  public:
    explicit Writer(const std::string& version) : version_(version) {}

    void take(const std::string& line) {
        if (line.starts_with("```")) {
            if (!is_code_ && !is_open_) {
                begin_paragraph(0);
            }
            put(is_code_ ? ".EE\n.RE" : ".RS 4\n.EX");
            is_code_ = !is_code_;
            is_open_ = false;
        } else if (is_code_) {
            put(as_text_line(escaped(line, Hyphens::typed)));
        } else if (line.empty()) {
            is_open_ = false;
        } else if (line.starts_with("# ")) {
            begin_page(line.substr(2));
        } else if (line.starts_with("## ")) {
            begin_part(".SH " + line.substr(3));
        } else if (line.starts_with("### ")) {
            begin_part(".SS \"" + with_fonts(line.substr(4)) + "\"");
        } else {
            take_text(line);
        }
    }
    [[nodiscard]] std::vector<Page> take_pages() { return std::move(pages_); }

  private:
    void begin_page(const std::string& title) { // "mptcp-keeper(1)"
        const std::string name = title.substr(0, title.find('('));
        const std::string section = title.substr(name.size() + 1, 1);
        std::string shouted = name;
        std::transform(shouted.begin(), shouted.end(), shouted.begin(), [](unsigned char letter) {
            return static_cast<char>(std::toupper(letter));
        });
        close_lists(0);
        pages_.push_back({name + "." + section, ""});
        put(fmt::format(".TH {} {} \"\" \"mptcp-keeper {}\"", shouted, section, version_));
        put(".nh"); // no hyphenation: it would break options that users copy
        is_open_ = true;
    }

    void begin_part(const std::string& request) {
        close_lists(0);
        put(request);
        is_open_ = true; // the first paragraph has no request
    }

    void take_text(const std::string& line) {
        const std::size_t indent = line.find_first_not_of(' ');
        const std::string text = line.substr(indent);
        if (text.starts_with("- ")) {
            return begin_item(indent / 2 + 1, text.substr(2));
        }
        if (!is_open_) {
            begin_paragraph(indent / 2);
        }
        put(as_text_line(with_fonts(text)));
    }

    void begin_paragraph(std::size_t depth) {
        close_lists(depth);
        put(depth_ == 0 ? ".PP" : ".IP");
        is_open_ = true;
    }

    void begin_item(std::size_t depth, const std::string& item) {
        close_lists(depth);
        for (; depth_ < depth; ++depth_) {
            if (depth_ > 0) {
                put(".RS");
            }
        }
        const std::size_t end = end_of_term(item);
        put(".TP");
        put(as_text_line(with_fonts(item.substr(0, end))));
        const std::string text = item.substr(std::min(end + 2, item.size()));
        if (!text.empty()) {
            put(as_text_line(with_fonts(text)));
        }
        is_open_ = true;
    }

    void close_lists(std::size_t depth) {
        for (; depth_ > depth; --depth_) {
            if (depth_ > 1) {
                put(".RE");
            }
        }
    }

    void put(const std::string& line) {
        if (!pages_.empty()) { // text before the first page is for readers of the source
            pages_.back().text += line + "\n";
        }
    }

    const std::string& version_;
    std::vector<Page> pages_;
    std::size_t depth_ = 0; ///< of the list
    bool is_open_ = false;  ///< the next line continues the paragraph
    bool is_code_ = false;
};

} // namespace

std::vector<Page> make_pages(const std::string& markdown, const std::string& version) {
    Writer writer(version);
    for (std::string_view rest = markdown; !rest.empty();) {
        writer.take(std::string(take_line(rest)));
    }
    return writer.take_pages();
}

} // namespace keeper::manual
