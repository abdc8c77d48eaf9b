// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/event_loop.hpp"

#include <algorithm>

namespace keeper {

namespace {

/// Long enough, and fits poll's int.
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(1);

} // namespace

EventLoop::EventLoop(std::vector<std::unique_ptr<PollSource>> sources, std::unique_ptr<BusSource> bus)
    : sources_(std::move(sources)), bus_(std::move(bus)) {}

Wakeup EventLoop::wait(std::chrono::milliseconds at_most) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + std::min<std::chrono::milliseconds>(at_most, longest_wait);
    // A source may be ready and report nothing: the watched folder has files that do not concern the daemon.
    // One is the lock, of which each try of the daemon is an event.
    for (;;) {
        const Wakeup wakeup = wait_once(std::max(
            std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()), std::chrono::milliseconds(0)));
        if (wakeup != Wakeup() || Clock::now() >= end) {
            return wakeup;
        }
    }
}

Wakeup EventLoop::wait_once(std::chrono::milliseconds at_most) {
    const auto held_back =
        std::chrono::ceil<std::chrono::milliseconds>(held_back_until_ - std::chrono::steady_clock::now());
    if (held_back.count() > 0) {
        const Wakeup urgent = wait_for(Sources::urgent, std::min(at_most, held_back));
        if (urgent != Wakeup() || at_most <= held_back) {
            return urgent;
        }
        at_most -= held_back;
    }
    return wait_for(Sources::all, at_most);
}

Wakeup EventLoop::wait_for(Sources which, std::chrono::milliseconds at_most) {
    std::vector<PollSource*> sources;
    std::vector<pollfd> interests;
    const auto add = [&](PollSource* source) {
        if (source == nullptr || (which == Sources::urgent && source->reports_changes())) {
            return;
        }
        sources.push_back(source);
        interests.push_back(source->interest());
        if (const auto next = source->time_to_next()) {
            at_most = std::min(at_most, *next);
        }
    };
    for (const auto& source : sources_) {
        add(source.get());
    }
    add(bus_.get());
    const int timeout = static_cast<int>(std::clamp<long long>(at_most.count(), 0, longest_wait.count()));
    // An interrupted wait just ends early: the signal itself arrives through its descriptor.
    (void)::poll(interests.data(), interests.size(), timeout);
    // Reads only sources that are ready. The bus has further descriptors, and a source with a timer is due by
    // that.
    Wakeup wakeup;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (interests[i].revents != 0 || sources[i] == bus_.get() || sources[i]->time_to_next()) {
            wakeup.add(sources[i]->collect());
        }
    }
    return wakeup;
}

void EventLoop::hold_back_changes(std::chrono::milliseconds duration) {
    held_back_until_ = std::chrono::steady_clock::now() + duration;
}

void EventLoop::ping_network_manager() {
    if (bus_) {
        bus_->ping();
    }
}

} // namespace keeper
