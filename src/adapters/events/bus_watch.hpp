#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <systemd/sd-bus.h>

#include "adapters/events/poll_source.hpp"

namespace keeper {

/// Listens on the system bus for what concerns profiles: NetworkManager coming and going, profiles that
/// change, activations. The bus itself may be absent or restart: it is then tried again every second.
///
/// sd-bus and not libnm, whose client mirrors every object that NetworkManager has: this one must cost
/// nothing while a laptop scans for Wi-Fi.
class BusWatch final : public PollSource {
  public:
    BusWatch();
    ~BusWatch() override;

    /// Event::network_manager_ready follows once NetworkManager's main loop answers, or at once where
    /// NetworkManager is absent. The question is repeated after a restart of the bus.
    ///
    /// It asks for a property. org.freedesktop.DBus.Peer.Ping would not do: a thread of GLib's answers that,
    /// also while the main loop hangs.
    void ping();

    [[nodiscard]] pollfd interest() override;
    [[nodiscard]] Events collect() override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_to_next() override;

  private:
    struct Closer {
        /// Without a flush, which would wait for a bus daemon that is frozen.
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
