#pragma once

#include <functional>

#include "ports/clock_port.hpp"

namespace keeper::fake {

/// A clock that stands still until somebody waits.
class FakeClock : public ClockPort {
  public:
    std::chrono::milliseconds time{1000};
    std::function<void()> on_wait; ///< what happens in the world while time passes

    [[nodiscard]] std::chrono::milliseconds now() override { return time; }
    void wait(std::chrono::milliseconds duration) override {
        time += duration;
        if (on_wait) {
            on_wait();
        }
    }
};

} // namespace keeper::fake
