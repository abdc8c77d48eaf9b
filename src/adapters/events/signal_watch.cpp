// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/signal_watch.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/signalfd.h>

namespace keeper {

Result<SignalWatch> SignalWatch::create() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
        sigaddset(&signals, signal);
    }
    UniqueFd fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd || ::sigprocmask(SIG_BLOCK, &signals, nullptr) < 0) {
        return fail(std::string("cannot receive signals: ") + std::strerror(errno));
    }
    return SignalWatch(std::move(fd));
}

Wakeup SignalWatch::collect() {
    Events events;
    signalfd_siginfo info{};
    while (::read(fd_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
        events = events.with(
            info.ssi_signo == SIGHUP    ? Event::reload
            : info.ssi_signo == SIGUSR1 ? Event::poked
                                        : Event::stop);
    }
    return events;
}

} // namespace keeper
