// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace keeper {

/// For how long changes that concern no item are held back: not at all for one on its own, longer while they
/// continue. What concerns an item is then noticed that much later at most.
class Flood {
  public:
    using Time = std::chrono::milliseconds; ///< of the clock port

    static constexpr std::chrono::milliseconds longest_pause{50};
    /// A flood without a change for that long is over.
    static constexpr std::chrono::milliseconds end{1000};

    /// A change that concerns no item was handled.
    [[nodiscard]] std::chrono::milliseconds next_pause(Time now) {
        const bool continues = last_ && now < *last_ + end;
        pause_ = continues ? std::min(std::max(pause_ * 2, Time(1)), longest_pause) : Time(0);
        last_ = now;
        return pause_;
    }

  private:
    std::optional<Time> last_;
    std::chrono::milliseconds pause_{0};
};

} // namespace keeper
