// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <ctime>
#include <thread>

#include "ports/clock_port.hpp"

namespace keeper {

/// The clocks of the system: CLOCK_MONOTONIC, CLOCK_BOOTTIME and CLOCK_REALTIME.
class SystemClock final : public ClockPort {
  public:
    [[nodiscard]] std::chrono::milliseconds now() override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
    [[nodiscard]] std::chrono::milliseconds since_boot() override {
        timespec time{};
        (void)::clock_gettime(CLOCK_BOOTTIME, &time); // cannot fail: the kernel always has this clock
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
    }
    [[nodiscard]] std::chrono::system_clock::time_point wall_now() override {
        return std::chrono::system_clock::now();
    }
    void wait(std::chrono::milliseconds duration) override { std::this_thread::sleep_for(duration); }
};

} // namespace keeper
