#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace keeper::shell {

/// In a word, where the value of a variable or the output of a command would be: it is known only when the
/// script runs.
constexpr char unknown = '\x01';

[[nodiscard]] inline bool is_known(std::string_view word) {
    return word.find(unknown) == std::string_view::npos;
}

using Variables = std::map<std::string, std::string>;

/// A command without separators: sh(1) calls it a simple command.
struct SimpleCommand {
    std::vector<std::string> assignments; ///< before the command: "LD_PRELOAD=libx.so"
    std::vector<std::string> words;       ///< without quotes, variables with one known value replaced
    std::vector<std::string> outputs;     ///< the files that it is redirected to
    int line = 0;
    int last_line = 0;
    bool reads_pipe = false; ///< from the command before it
    /// Its line can be taken out without breaking the script: nothing begins, ends or goes on there.
    bool is_on_its_own = true;
    friend bool operator==(const SimpleCommand&, const SimpleCommand&) = default;
};

/// The commands of a script in their order, those inside $(…) and `…` too. Reads what dash and bash accept;
/// of anything else the answer is as good as it gets, and always bounded. `known`: variables that are set
/// before.
[[nodiscard]] std::vector<SimpleCommand> commands_of(std::string_view script, const Variables& known = {});

/// A command line that no shell reads, as systemd, udev and others split it: blanks and quotes only.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line, const Variables& known = {});

} // namespace keeper::shell
