// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/sysctl_poll.hpp"

#include <algorithm>

namespace keeper {

namespace {

constexpr std::chrono::milliseconds interval{1000};

} // namespace

SysctlPoll::SysctlPoll() : next_(Clock::now() + interval) {
    last_ = sysctls_.read_all().value_or(last_);
}

Wakeup SysctlPoll::collect() {
    if (Clock::now() < next_) {
        return {};
    }
    next_ = Clock::now() + interval;
    auto now = sysctls_.read_all();
    if (!now || *now == last_) {
        return {};
    }
    last_ = std::move(*now);
    return Events{}.with(Event::sysctls_changed);
}

std::optional<std::chrono::milliseconds> SysctlPoll::time_to_next() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
    return std::max(left, std::chrono::milliseconds(0));
}

} // namespace keeper
