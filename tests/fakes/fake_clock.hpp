// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

#include "ports/clock_port.hpp"

namespace keeper::fake {

/// A clock that advances only in wait().
class FakeClock : public ClockPort {
  public:
    std::chrono::milliseconds time{1000};
    std::function<void()> on_wait; ///< what happens in the world while time passes

    [[nodiscard]] std::chrono::milliseconds now() override { return time; }
    std::chrono::milliseconds suspended{0}; ///< for how long the host was suspended since boot
    [[nodiscard]] std::chrono::milliseconds since_boot() override { return time + suspended; }
    /// 2026-11-20T12:00:00Z, plus `time`.
    [[nodiscard]] std::chrono::system_clock::time_point wall_now() override {
        return std::chrono::system_clock::time_point{std::chrono::seconds(1795176000)} + time;
    }
    void wait(std::chrono::milliseconds duration) override {
        time += duration;
        if (on_wait) {
            on_wait();
        }
    }
};

} // namespace keeper::fake
