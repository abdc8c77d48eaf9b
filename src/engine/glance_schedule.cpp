// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/glance_schedule.hpp"

#include <algorithm>

namespace keeper {

namespace {

constexpr std::chrono::milliseconds first_glance_pause{20};
constexpr std::chrono::milliseconds longest_glance_pause{1000};
/// Without a change for that long, the next one is read at once.
constexpr std::chrono::milliseconds quiet_time{1000};

} // namespace

void GlanceSchedule::other_changed(Time now) {
    if (last_other_ && now >= *last_other_ + quiet_time) {
        pause_ = next_other_ = Time(0);
    }
    last_other_ = now;
    if (!due_at_) {
        due_at_ = std::max(now, next_other_);
    }
}

void GlanceSchedule::found_nothing(Time now) {
    pause_ = std::clamp(pause_ * 2, first_glance_pause, longest_glance_pause);
    next_other_ = now + pause_;
}

} // namespace keeper
