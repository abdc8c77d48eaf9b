#pragma once

#include <thread>

#include "ports/clock_port.hpp"

namespace keeper {

/// CLOCK_MONOTONIC.
class SteadyClock final : public ClockPort {
  public:
    [[nodiscard]] std::chrono::milliseconds now() override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
    void wait(std::chrono::milliseconds duration) override { std::this_thread::sleep_for(duration); }
};

} // namespace keeper
