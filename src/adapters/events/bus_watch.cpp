// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/events/bus_watch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace keeper {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* network_manager = "org.freedesktop.NetworkManager";
constexpr milliseconds reopen_interval{1000};
constexpr std::uint64_t ping_timeout_us = 3600ULL * 1000 * 1000; // a frozen NetworkManager answers later

/// Signals that may change which profile is active where, without those that devices send all the time.
constexpr std::array<const char*, 6> matches{
    "type='signal',sender='org.freedesktop.NetworkManager',path='/org/freedesktop/NetworkManager/Settings',"
    "interface='org.freedesktop.NetworkManager.Settings'",
    "type='signal',sender='org.freedesktop.NetworkManager',"
    "interface='org.freedesktop.NetworkManager.Settings.Connection'",
    "type='signal',sender='org.freedesktop.NetworkManager',"
    "interface='org.freedesktop.NetworkManager.Connection.Active',member='StateChanged'",
    "type='signal',sender='org.freedesktop.NetworkManager',"
    "interface='org.freedesktop.NetworkManager.Device',member='StateChanged'",
    "type='signal',sender='org.freedesktop.NetworkManager',interface='org.freedesktop.DBus.Properties',"
    "arg0='org.freedesktop.NetworkManager.IP4Config'",
    "type='signal',sender='org.freedesktop.NetworkManager',interface='org.freedesktop.DBus.Properties',"
    "arg0='org.freedesktop.NetworkManager.IP6Config'",
};
constexpr const char* owner_match =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
    "arg0='org.freedesktop.NetworkManager'";

} // namespace

BusWatch::BusWatch() {
    open();
}

BusWatch::~BusWatch() = default;

void BusWatch::open() {
    next_open_ = steady_clock::now() + reopen_interval;
    ping_.reset();
    bus_.reset();
    sd_bus* bus = nullptr;
    if (sd_bus_open_system(&bus) < 0) {
        return;
    }
    bus_.reset(bus);
    if (!add_matches()) {
        bus_.reset();
        return;
    }
    // Signals during the absence of the bus were missed.
    events_ = events_.with(Event::network_manager_changed);
    if (ping_wanted_) {
        send_ping();
    }
}

bool BusWatch::add_matches() {
    // All asynchronous, so that nothing here waits for the bus daemon.
    for (const char* match : matches) {
        if (sd_bus_add_match_async(bus_.get(), nullptr, match, on_profiles_changed, nullptr, this) < 0) {
            return false;
        }
    }
    return sd_bus_add_match_async(bus_.get(), nullptr, owner_match, on_owner_changed, nullptr, this) >= 0;
}

void BusWatch::ping() {
    ping_wanted_ = true;
    send_ping();
}

void BusWatch::send_ping() {
    if (!bus_) {
        // Without a bus there is no NetworkManager to wait for.
        ping_wanted_ = false;
        events_ = events_.with(Event::network_manager_ready);
        return;
    }
    if (ping_) {
        return;
    }
    sd_bus_message* message = nullptr;
    sd_bus_slot* slot = nullptr;
    const bool sent = sd_bus_message_new_method_call(
                          bus_.get(),
                          &message,
                          network_manager,
                          "/org/freedesktop/NetworkManager",
                          "org.freedesktop.DBus.Properties",
                          "Get") >= 0 &&
                      sd_bus_message_append(message, "ss", network_manager, "Version") >= 0 &&
                      sd_bus_message_set_auto_start(message, 0) >= 0 &&
                      sd_bus_call_async(bus_.get(), &slot, message, on_pong, this, ping_timeout_us) >= 0;
    sd_bus_message_unref(message);
    ping_.reset(slot);
    if (!sent) {
        bus_.reset(); // opened again a second later
    }
}

int BusWatch::on_pong(sd_bus_message*, void* self, sd_bus_error*) noexcept {
    auto& watch = *static_cast<BusWatch*>(self);
    // An error is an answer too: no one owns that name.
    watch.ping_wanted_ = false;
    watch.events_ = watch.events_.with(Event::network_manager_ready);
    return 0;
}

int BusWatch::on_owner_changed(sd_bus_message*, void* self, sd_bus_error*) noexcept {
    auto& watch = *static_cast<BusWatch*>(self);
    watch.events_ = watch.events_.with(Event::network_manager_changed);
    return 0;
}

int BusWatch::on_profiles_changed(sd_bus_message*, void* self, sd_bus_error*) noexcept {
    auto& watch = *static_cast<BusWatch*>(self);
    watch.events_ = watch.events_.with(Event::profiles_changed);
    return 0;
}

pollfd BusWatch::interest() {
    if (!bus_) {
        return {-1, 0, 0};
    }
    const int events = sd_bus_get_events(bus_.get());
    return {sd_bus_get_fd(bus_.get()), static_cast<short>(std::max(events, 0)), 0};
}

std::optional<milliseconds> BusWatch::time_to_next() {
    const auto now = steady_clock::now();
    if (!events_.empty()) {
        return milliseconds(0);
    }
    if (!bus_) {
        return std::max(std::chrono::ceil<milliseconds>(next_open_ - now), milliseconds(0));
    }
    std::uint64_t at_us = UINT64_MAX;
    if (sd_bus_get_timeout(bus_.get(), &at_us) <= 0 || at_us == UINT64_MAX) {
        return std::nullopt;
    }
    const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const auto left = static_cast<std::int64_t>(at_us) - now_us;
    return milliseconds(std::max<std::int64_t>(left / 1000 + (left > 0 ? 1 : 0), 0));
}

Wakeup BusWatch::collect() {
    if (!bus_ && steady_clock::now() >= next_open_) {
        open();
    }
    while (bus_) {
        const int processed = sd_bus_process(bus_.get(), nullptr);
        if (processed < 0) { // the bus closed the connection
            bus_.reset();
            ping_.reset();
            events_ = events_.with(Event::network_manager_changed);
            if (ping_wanted_) {
                send_ping();
            }
        }
        if (processed <= 0) {
            break;
        }
    }
    if (ping_ && !ping_wanted_) {
        ping_.reset();
    }
    return std::exchange(events_, Events{});
}

} // namespace keeper
