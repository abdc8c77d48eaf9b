#pragma once

#include <chrono>

namespace keeper {

/// Time, so that tests need none of it.
class ClockPort {
  public:
    virtual ~ClockPort() = default;
    /// Monotonic; only differences mean something.
    [[nodiscard]] virtual std::chrono::milliseconds now() = 0;
    /// Returns no earlier than after that time.
    virtual void wait(std::chrono::milliseconds duration) = 0;
};

} // namespace keeper
