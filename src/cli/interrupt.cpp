#include "cli/interrupt.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <pthread.h>

namespace keeper::cli {

Interrupt::Interrupt() {
    sigemptyset(&awaited_);
    sigaddset(&awaited_, SIGINT);
    sigaddset(&awaited_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
}

Interrupt::~Interrupt() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupt::wait(std::chrono::milliseconds at_most) const {
    const auto end = std::chrono::steady_clock::now() + at_most;
    while (true) {
        const auto left = end - std::chrono::steady_clock::now();
        const auto rest = std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0));
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
        const timespec timeout{
            static_cast<time_t>(seconds.count()), static_cast<long>((rest - seconds).count())};
        if (sigtimedwait(&awaited_, nullptr, &timeout) >= 0) {
            return true;
        }
        if (errno != EINTR) {
            return false; // EAGAIN: the time is over
        }
    }
}

} // namespace keeper::cli
