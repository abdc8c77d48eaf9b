// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

namespace keeper {

/// The clock. Tests replace it, so that they need not wait.
class ClockPort {
  public:
    virtual ~ClockPort() = default;
    /// Monotonic; only differences are meaningful.
    [[nodiscard]] virtual std::chrono::milliseconds now() = 0;
    /// Time since boot including suspend (CLOCK_BOOTTIME).
    [[nodiscard]] virtual std::chrono::milliseconds since_boot() = 0;
    /// The time of day, for timestamps only: it may jump.
    [[nodiscard]] virtual std::chrono::system_clock::time_point wall_now() = 0;
    /// Returns after at least that time.
    virtual void wait(std::chrono::milliseconds duration) = 0;
};

} // namespace keeper
