// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/event_loop.hpp"

#include <algorithm>

namespace keeper {

EventLoop::EventLoop(std::vector<std::unique_ptr<PollSource>> sources, std::unique_ptr<BusSource> bus)
    : sources_(std::move(sources)), bus_(std::move(bus)) {}

Wakeup EventLoop::wait(std::chrono::milliseconds at_most) {
    std::vector<PollSource*> all;
    for (const auto& source : sources_) {
        all.push_back(source.get());
    }
    if (bus_) {
        all.push_back(bus_.get());
    }
    std::vector<pollfd> interests;
    for (PollSource* source : all) {
        interests.push_back(source->interest());
        if (const auto next = source->time_to_next()) {
            at_most = std::min(at_most, *next);
        }
    }
    // An hour is long enough and fits poll's int.
    const int timeout = static_cast<int>(std::clamp<long long>(at_most.count(), 0, 3600000));
    // An interrupted wait just ends early: the signal itself arrives through its descriptor.
    (void)::poll(interests.data(), interests.size(), timeout);
    // Reads only sources that are ready. The bus has further descriptors, and a source with a timer is due by
    // that.
    Wakeup wakeup = bus_ ? bus_->collect() : Wakeup{};
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        if (interests[i].revents != 0 || sources_[i]->time_to_next()) {
            wakeup.add(sources_[i]->collect());
        }
    }
    return wakeup;
}

void EventLoop::ping_network_manager() {
    if (bus_) {
        bus_->ping();
    }
}

} // namespace keeper
