// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace keeper::shell {

/// In a word, stands for the value of a variable or the output of a command that is only known when the
/// script runs.
constexpr char unknown = '\x01';

[[nodiscard]] inline bool is_known(std::string_view word) {
    return word.find(unknown) == std::string_view::npos;
}

using Variables = std::map<std::string, std::string>;

/// A command without separators, called simple command in sh(1).
struct SimpleCommand {
    std::vector<std::string> assignments; ///< before the command: "LD_PRELOAD=libx.so"
    std::vector<std::string> words;       ///< without quotes, and with variables of one known value replaced
    std::vector<std::string> outputs;     ///< the files that it is redirected to
    int line = 0;
    int last_line = 0;
    bool reads_pipe = false; ///< the output of the previous command
    /// Its line can be deleted without breaking the script: nothing else starts, ends or continues on it.
    bool is_on_its_own = true;
    friend bool operator==(const SimpleCommand&, const SimpleCommand&) = default;
};

/// The commands of a script in order, including those inside $(…) and `…`. Parses what dash and bash accept;
/// for anything else the result is a best effort, and always bounded. `known`: variables that are set
/// already.
[[nodiscard]] std::vector<SimpleCommand> commands_of(std::string_view script, const Variables& known = {});

/// A command line that no shell parses, as systemd, udev and others split it: at blanks, with quotes.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line, const Variables& known = {});

} // namespace keeper::shell
