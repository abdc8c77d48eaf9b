#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// Reading the lines and words of other programs' files.
namespace keeper::recipe_text {

[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t start = text.find_first_not_of(blanks);
    return start == std::string_view::npos ? std::string_view()
                                           : text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

/// Calls `use(line, number)` for every line that is neither empty nor a comment.
template <class Use>
void for_each_line(const std::string& text, Use use) {
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const std::string_view content = trimmed(line);
        if (!content.empty() && content.front() != '#' && content.front() != ';') {
            use(content, number);
        }
    }
}

/// The words of a command line as a shell splits them, roughly: quotes and separators count as blanks.
[[nodiscard]] inline std::vector<std::string> words_of(std::string_view line) {
    std::string text(line);
    for (char& letter : text) {
        if (std::string_view("\"';&|(){}=").find(letter) != std::string_view::npos) {
            letter = ' ';
        }
    }
    std::istringstream stream{text};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(std::move(word));
    }
    return words;
}

[[nodiscard]] inline std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// The text as one word of a shell's command line.
[[nodiscard]] inline std::string shell_word(const std::string& text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,=-";
    if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) {
        return text;
    }
    std::string quoted = "'";
    for (const char letter : text) {
        quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return quoted + "'";
}

} // namespace keeper::recipe_text
