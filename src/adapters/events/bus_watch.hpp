// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <systemd/sd-bus.h>

#include "adapters/events/poll_source.hpp"

namespace keeper {

/// Subscribes on the system bus to what concerns profiles: NetworkManager starting and stopping, changed
/// profiles, activations. The bus itself may be absent or restart; it is then tried again every second.
///
/// Uses sd-bus instead of libnm, whose client mirrors all of NetworkManager's objects: this must cost nothing
/// while a laptop scans for Wi-Fi.
class BusWatch final : public PollSource {
  public:
    BusWatch();
    ~BusWatch() override;

    /// Event::network_manager_ready follows once NetworkManager's main loop answers, or at once if
    /// NetworkManager is absent. The request is repeated after a restart of the bus.
    ///
    /// The request reads a property. org.freedesktop.DBus.Peer.Ping would not be enough: a GLib thread
    /// answers it even while the main loop hangs.
    void ping();

    [[nodiscard]] pollfd interest() override;
    [[nodiscard]] Wakeup collect() override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_to_next() override;

  private:
    struct Closer {
        /// Does not flush, which would wait for a frozen bus daemon.
        void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
    };
    struct SlotRelease {
        void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
    };
    void open();
    [[nodiscard]] bool add_matches();
    void send_ping();

    static int on_owner_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
    static int on_profiles_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
    static int on_pong(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;

    std::unique_ptr<sd_bus, Closer> bus_;
    std::unique_ptr<sd_bus_slot, SlotRelease> ping_;
    std::chrono::steady_clock::time_point next_open_;
    bool ping_wanted_ = false;
    Events events_;
};

} // namespace keeper
