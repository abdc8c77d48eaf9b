// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/terminal/try_wait.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include "adapters/files/files.hpp"
#include "base/text/printable.hpp"

namespace keeper {

namespace {

/// Empties a descriptor whose content does not matter.
void drain(int fd) {
    std::array<char, 4096> buffer{};
    while (::read(fd, buffer.data(), buffer.size()) > 0) {
    }
}

/// A background job that reads from its terminal would be stopped.
bool is_in_foreground(int terminal) {
    return ::tcgetpgrp(terminal) == ::getpgrp();
}

} // namespace

Result<std::unique_ptr<TryWaitPort>> TryWait::open(const std::string& folder, int input, int output) {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&wanted, signal);
    }
    UniqueFd signals(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!signals || ::sigprocmask(SIG_BLOCK, &wanted, nullptr) != 0) {
        return fail(system_error("cannot receive signals", errno));
    }
    UniqueFd timer(::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC));
    if (!timer) {
        return fail(system_error("cannot wait for the deadline", errno));
    }
    if (auto made = make_directories(folder); !made) {
        return propagate(made);
    }
    // The number of inotify instances of a user is limited. Without one, wait() returns once a second.
    UniqueFd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (watch && ::inotify_add_watch(watch.get(), folder.c_str(), IN_DELETE | IN_MOVED_TO) < 0) {
        watch = UniqueFd();
    }
    return std::unique_ptr<TryWaitPort>(
        new TryWait(std::move(signals), std::move(timer), std::move(watch), input, output));
}

TryWait::TryWait(UniqueFd signals, UniqueFd timer, UniqueFd folder, int input, int output)
    : signals_(std::move(signals)), timer_(std::move(timer)), folder_(std::move(folder)), input_(input),
      output_(output), is_interactive_(::isatty(input) == 1 && ::isatty(output) == 1),
      has_input_(is_interactive_) {}

void TryWait::show(const std::string& line) {
    if (!has_prompted_) {
        // What was typed before the question is no answer to it.
        (void)::tcflush(input_, TCIFLUSH);
        has_prompted_ = true;
    }
    (void)write_all(output_, "\r" + printable(line) + "\x1b[K"); // ECMA-48: erase to the end of the line
}

void TryWait::read_signals(Event& event) {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof(signal)) == static_cast<ssize_t>(sizeof(signal))) {
        (signal.ssi_signo == SIGHUP ? event.hang_up : event.stop) = true;
    }
}

bool TryWait::read_line(Event& event) {
    std::array<char, 256> buffer{};
    const ssize_t size = ::read(input_, buffer.data(), buffer.size());
    if (size <= 0) {
        return size < 0 && (errno == EINTR || errno == EAGAIN);
    }
    event.enter =
        std::string_view(buffer.data(), static_cast<std::size_t>(size)).find('\n') != std::string_view::npos;
    return true;
}

TryWaitPort::Event TryWait::wait(std::chrono::milliseconds until) {
    using std::chrono::duration_cast;
    const auto seconds = duration_cast<std::chrono::seconds>(until);
    itimerspec alarm{};
    alarm.it_value.tv_sec = seconds.count();
    // A time of 0 would disarm the timer.
    alarm.it_value.tv_nsec = duration_cast<std::chrono::nanoseconds>(until - seconds).count() + 1;
    (void)::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &alarm, nullptr);
    std::array<pollfd, 4> waits{
        pollfd{signals_.get(), POLLIN, 0},
        pollfd{timer_.get(), POLLIN, 0},
        pollfd{folder_.get(), POLLIN, 0},
        pollfd{has_input_ && is_in_foreground(input_) ? input_ : -1, POLLIN, 0}};
    Event event;
    constexpr int one_second = 1000;
    if (::poll(waits.data(), waits.size(), folder_ ? -1 : one_second) <= 0) {
        return event;
    }
    read_signals(event);
    drain(timer_.get());
    drain(folder_.get());
    if (waits[3].revents != 0) {
        has_input_ = read_line(event);
    }
    return event;
}

} // namespace keeper
