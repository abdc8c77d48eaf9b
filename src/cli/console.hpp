// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "report/style.hpp"

namespace keeper::cli {

enum class LogLevel { error, warning, info, debug };

/// The program's two outputs. finish() writes the whole result at once, so that a failure to write it makes
/// the command fail; everything else goes to standard error immediately. Borrows the descriptors.
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
    /// Complete, formatted lines, such as an error with its caret.
    void write_error_text(std::string_view text);
    [[nodiscard]] bool shows(LogLevel level) const { return level <= level_; }

    /// Returns what was printed and not yet written; it will not be written.
    [[nodiscard]] std::string take() { return std::exchange(pending_, {}); }

    /// From now on, each result replaces the previous one on the terminal. If standard error is a terminal
    /// too, messages become part of the result, as the next result would erase them otherwise.
    void show_results_in_place();

    /// Writes what was printed. A full disk is an Error. A closed pipe is not: the reader has what it wanted.
    [[nodiscard]] Result<void> finish();
    /// Whether finish() has found the pipe closed.
    [[nodiscard]] bool reader_is_gone() const { return reader_is_gone_; }

  private:
    void log(Tone tone, std::string_view label, std::string_view message);

    Target out_;
    Target err_;
    LogLevel level_ = LogLevel::warning;
    std::string pending_;
    bool shows_in_place_ = false;
    bool has_messages_in_result_ = false;
    bool reader_is_gone_ = false;
};

/// Colour for a terminal, unless NO_COLOR is set and not empty (no-color.org) or TERM is missing or "dumb".
[[nodiscard]] Colour colour_of(int fd);

} // namespace keeper::cli
