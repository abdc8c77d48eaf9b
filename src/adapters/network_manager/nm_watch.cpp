// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/nm_watch.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "adapters/network_manager/nm_methods.hpp"

namespace keeper {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds reopen_interval{1000};
constexpr std::uint64_t ping_timeout_us = 3600ULL * 1000 * 1000; // a frozen NetworkManager answers later

} // namespace

NmWatch::NmWatch(std::shared_ptr<NmConnection> connection) : connection_(std::move(connection)) {
    open();
}

void NmWatch::open() {
    next_open_ = steady_clock::now() + reopen_interval;
    (void)connection_->open();
    follow_connection();
}

/// A ping over an earlier connection is never answered.
void NmWatch::follow_connection() {
    const bool is_open = connection_->bus().is_open();
    const int generation = is_open ? connection_->generation() : 0;
    if (generation == generation_) {
        return;
    }
    generation_ = generation;
    ping_.reset();
    events_ = events_.with(Event::network_manager_changed);
    if (ping_wanted_) {
        send_ping();
    }
}

void NmWatch::ping() {
    ping_wanted_ = true;
    send_ping();
}

void NmWatch::send_ping() {
    SystemBus& bus = connection_->bus();
    if (!bus.is_open()) {
        // Without a bus there is no NetworkManager to wait for.
        ping_wanted_ = false;
        events_ = events_.with(Event::network_manager_ready);
        return;
    }
    if (ping_ && is_ping_pending_) {
        return;
    }
    const MessagePtr message =
        bus.new_call(nm::service, nm::manager_path, nm::get_property, "ss", nm::manager_interface, "Version");
    sd_bus_slot* slot = nullptr;
    const bool sent =
        message && sd_bus_call_async(bus.handle(), &slot, message.get(), on_pong, this, ping_timeout_us) >= 0;
    ping_.reset(slot);
    is_ping_pending_ = sent;
    if (!sent) {
        bus.close(); // opened again a second later
    }
}

int NmWatch::on_pong(sd_bus_message*, void* self, sd_bus_error*) noexcept {
    auto& watch = *static_cast<NmWatch*>(self);
    // An error is an answer too: no one owns that name.
    watch.ping_wanted_ = false;
    watch.is_ping_pending_ = false;
    watch.events_ = watch.events_.with(Event::network_manager_ready);
    return 0;
}

std::optional<milliseconds> NmWatch::time_to_next() {
    if (!events_.empty() || connection_->has_announced()) {
        return milliseconds(0);
    }
    const SystemBus& bus = connection_->bus();
    if (!bus.is_open()) {
        return std::max(std::chrono::ceil<milliseconds>(next_open_ - steady_clock::now()), milliseconds(0));
    }
    const milliseconds next = bus.time_to_next();
    return next.count() < 0 ? std::nullopt : std::optional(next);
}

Wakeup NmWatch::collect() {
    SystemBus& bus = connection_->bus();
    if (!bus.is_open() && steady_clock::now() >= next_open_) {
        open();
    }
    (void)bus.process();
    follow_connection(); // it may have been lost now, or lost and opened again during a round
    if (ping_ && !ping_wanted_) {
        ping_.reset();
    }
    return std::exchange(events_, Events{}) | connection_->take_announced();
}

} // namespace keeper
