#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/text.hpp"

/// Reading the lines and words of other programs' files.
namespace keeper::host_text {

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

/// The words between any of those letters.
[[nodiscard]] inline std::vector<std::string>
words_of_any(std::string_view line, std::string_view separators) {
    std::vector<std::string> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find_first_of(separators), line.size());
        if (end > 0) {
            words.emplace_back(line.substr(0, end));
        }
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

/// Whether a line of a language that is not read seems to set MPTCP up.
[[nodiscard]] inline bool is_about_mptcp_setup(std::string_view line) {
    const auto has = [&](std::string_view what) { return line.find(what) != std::string_view::npos; };
    const bool calls_ip = has("mptcp") && (has("endpoint") || has("limits"));
    return calls_ip || has("net.mptcp.") || has("net/mptcp/") || has("mptcp-flags") || has("libmptcpwrap");
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

} // namespace keeper::host_text
