// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/shell_reader.hpp"

namespace keeper::shell {

std::vector<std::string> split_words(std::string_view line, const Variables& known) {
    std::string escaped;
    char quote = '\0';
    for (const char letter : line) { // escape characters that are special only to a shell
        if (quote == '\0' && std::string_view(";&|()<>#`\n").find(letter) != std::string_view::npos) {
            escaped += '\\';
        }
        quote = quote == '\0' && (letter == '"' || letter == '\'') ? letter : letter == quote ? '\0' : quote;
        escaped += letter;
    }
    std::vector<SimpleCommand> commands = commands_of(escaped, known);
    std::vector<std::string> words;
    for (SimpleCommand& command : commands) {
        for (std::string& word : command.assignments) {
            words.push_back(std::move(word));
        }
        for (std::string& word : command.words) {
            words.push_back(std::move(word));
        }
    }
    return words;
}

} // namespace keeper::shell
