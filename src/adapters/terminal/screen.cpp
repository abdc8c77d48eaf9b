// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/terminal/screen.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "base/text/lines.hpp"
#include "base/text/printable.hpp"

namespace keeper {

namespace {

// ECMA-48 and xterm's private modes 1049 (alternate screen), 25 (cursor) and 7 (wrapping of long lines, which
// would push the end of the frame off the screen).
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view erase_to_line_end = "\x1b[K";
constexpr std::string_view erase_below = "\x1b[J";

bool is_usable_terminal(int input, int output) {
    const char* kind = std::getenv("TERM");
    return ::isatty(input) == 1 && ::isatty(output) == 1 && kind != nullptr &&
           std::string_view(kind) != "dumb";
}

} // namespace

Result<std::unique_ptr<ScreenPort>> Screen::open(int input, int output, ScreenUse use) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
        sigaddset(&signals, signal);
    }
    UniqueFd fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd || ::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) {
        return fail(std::string("cannot receive signals: ") + std::strerror(errno));
    }
    return std::unique_ptr<ScreenPort>(new Screen(input, output, use, std::move(fd)));
}

Screen::Screen(int input, int output, ScreenUse use, UniqueFd signals)
    : input_(input), output_(output), signals_(std::move(signals)) {
    if (use != ScreenUse::whole || !is_usable_terminal(input, output) || ::tcgetattr(input, &before_) != 0) {
        return;
    }
    is_terminal_ = true;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    (void)::tcsetattr(input, TCSANOW, &raw);
    (void)write_all(output, enter);
}

Screen::~Screen() {
    if (is_terminal_) {
        (void)write_all(output_, leave);
        (void)::tcsetattr(input_, TCSAFLUSH, &before_);
    }
}

std::optional<ScreenPort::Size> Screen::terminal() {
    if (!is_terminal_) {
        return std::nullopt;
    }
    winsize window{};
    if (::ioctl(output_, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) {
        return Size{};
    }
    return Size{window.ws_col, window.ws_row};
}

ScreenPort::Input Screen::wait(std::chrono::milliseconds at_most) {
    Input input;
    std::array<pollfd, 3> waits{
        pollfd{signals_.get(), POLLIN, 0},
        pollfd{output_, 0, 0},
        pollfd{is_terminal_ ? input_ : -1, POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), static_cast<int>(at_most.count())) <= 0) {
        return input;
    }
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof(signal)) == static_cast<ssize_t>(sizeof(signal))) {
        if (signal.ssi_signo == SIGWINCH) {
            input.key = '\0';
        } else {
            input.stop = true;
        }
    }
    input.stop = input.stop || (waits[1].revents & (POLLERR | POLLNVAL)) != 0;
    if (waits[2].revents != 0) {
        char key = 0;
        if (::read(input_, &key, 1) == 1) {
            input.key = key;
        } else {
            input.stop = true; // the terminal is gone
        }
    }
    return input;
}

bool Screen::show(std::string_view text) {
    // Each line is erased after its text, instead of the whole screen before, to avoid flicker.
    std::string frame(home);
    bool is_first = true;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        frame.append(is_first ? "" : "\r\n").append(printable_document(line)).append(erase_to_line_end);
        is_first = false;
    }
    return write_all(output_, frame.append(erase_below)) == 0;
}

} // namespace keeper
