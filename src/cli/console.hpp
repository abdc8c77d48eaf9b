#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "report/style.hpp"

namespace keeper::cli {

enum class LogLevel { error, warning, info, debug };

/// The program's two outputs. Results are collected and written in one go by finish(), so that a failure to
/// write them is seen and becomes the command's failure; everything else goes to standard error at once.
/// Borrows the descriptors.
class Console {
  public:
    struct Target {
        int fd = -1;
        Colour colour = Colour::never;
    };

    Console(Target out, Target err) : out_(out), err_(err) {}

    void set_level(LogLevel level) { level_ = level; }
    [[nodiscard]] Colour out_colour() const { return out_.colour; }
    [[nodiscard]] bool out_is_terminal() const;
    [[nodiscard]] Colour err_colour() const { return err_.colour; }

    /// Adds to the result on standard output.
    void print(std::string_view text) { pending_ += text; }

    /// A line on standard error: "mptcp-keeper: MESSAGE".
    void error(std::string_view message);
    /// "warning: MESSAGE", unless the log level is error.
    void warning(std::string_view message);
    void info(std::string_view message);
    void debug(std::string_view message);
    /// Whole lines that are laid out already, such as an error with its caret.
    void write_error_text(std::string_view text);
    [[nodiscard]] bool shows(LogLevel level) const { return level <= level_; }

    /// Takes back what was printed and not written yet.
    [[nodiscard]] std::string take() { return std::exchange(pending_, {}); }

    /// From now on each result replaces the one before on the terminal. Where standard error is a terminal
    /// too, messages become part of the result: the next clearing would wipe them out otherwise.
    void show_results_in_place();

    /// Writes what was printed. A full disk: an Error. A pipe that nobody reads any more is none: the reader
    /// has what it wanted.
    [[nodiscard]] Result<void> finish();
    /// The pipe of the result was found closed.
    [[nodiscard]] bool nobody_reads() const { return nobody_reads_; }

  private:
    void log(Tone tone, std::string_view word, std::string_view message);

    Target out_;
    Target err_;
    LogLevel level_ = LogLevel::warning;
    std::string pending_;
    bool messages_join_ = false;
    bool clears_ = false;
    bool nobody_reads_ = false;
};

/// What a descriptor is good for: colour on a terminal, unless the environment has a NO_COLOR that is not
/// empty (no-color.org) or the terminal is "dumb".
[[nodiscard]] Colour colour_of(int fd);

} // namespace keeper::cli
