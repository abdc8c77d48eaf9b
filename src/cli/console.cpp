// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/console.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "base/text/printable.hpp"

namespace keeper::cli {

namespace {

/// ECMA-48: moves the cursor to the upper left and erases the display.
constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";

/// Returns 0 or errno.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return 0;
}

} // namespace

bool Console::out_is_terminal() const {
    return ::isatty(out_.fd) == 1;
}

void Console::error(std::string_view message) {
    log(Tone::bad, "mptcp-keeper", message);
}

void Console::warning(std::string_view message) {
    if (shows(LogLevel::warning)) {
        log(Tone::caution, "warning", message);
    }
}

void Console::info(std::string_view message) {
    if (shows(LogLevel::info)) {
        log(Tone::plain, "info", message);
    }
}

void Console::debug(std::string_view message) {
    if (shows(LogLevel::debug)) {
        log(Tone::faint, "debug", message);
    }
}

void Console::show_results_in_place() {
    shows_in_place_ = out_is_terminal();
    has_messages_in_result_ = shows_in_place_ && ::isatty(err_.fd) == 1;
}

void Console::write_error_text(std::string_view text) {
    if (has_messages_in_result_) {
        return print(text);
    }
    // A failure to write to standard error cannot be reported anywhere.
    static_cast<void>(write_all(err_.fd, printable_document(text)));
}

Result<void> Console::finish() {
    const std::string text = take();
    if (reader_is_gone_) {
        return {};
    }
    const std::string_view before = shows_in_place_ ? clear_screen : "";
    const int error = write_all(out_.fd, std::string(before) + printable_document(text));
    reader_is_gone_ = error == EPIPE;
    if (error != 0 && !reader_is_gone_) {
        return fail("cannot write to standard output: " + std::generic_category().message(error));
    }
    return {};
}

void Console::log(Tone tone, std::string_view label, std::string_view message) {
    write_error_text(
        paint(err_.colour, tone, std::string(label) + ":") + " " + printable_lines(message, "  ") + "\n");
}

Colour colour_of(int fd) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool is_disabled = no_color != nullptr && *no_color != '\0';
    const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return ::isatty(fd) == 1 && !is_disabled && !is_dumb ? Colour::always : Colour::never;
}

} // namespace keeper::cli
