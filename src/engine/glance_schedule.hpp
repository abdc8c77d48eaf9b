// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>

namespace keeper {

/// When to take a glance at NetworkManager: a read of what it announced, which shows whether a round is
/// needed. For objects that the last observation contains, at once. For others, such as the devices of
/// containers, with a pause that grows while glances find nothing of interest.
///
/// Pure: every function takes the time, from any monotonic clock.
class GlanceSchedule {
  public:
    using Time = std::chrono::milliseconds;

    void known_changed(Time now) { due_at_ = now; }
    void other_changed(Time now);
    /// Everything announced so far has been read, by a glance or a round.
    void was_read() { due_at_.reset(); }
    void found_nothing(Time now);
    void found_something() { pause_ = next_other_ = Time(0); }
    void forget() { *this = {}; }

    /// std::nullopt if there is nothing to read.
    [[nodiscard]] std::optional<Time> due_at() const { return due_at_; }

  private:
    std::optional<Time> due_at_;
    Time pause_{0};                  ///< after the last glance
    Time next_other_{0};             ///< the end of that pause
    std::optional<Time> last_other_; ///< the last change
};

} // namespace keeper
