// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

#include "adapters/network_manager/nm_objects.hpp"
#include "adapters/network_manager/system_bus.hpp"
#include "base/result.hpp"
#include "ports/event_port.hpp"

namespace keeper {

/// The connection to NetworkManager: the system bus, NetworkManager's objects as they were read last, and the
/// signals that tell which of them have changed since. Subscribed before anything is read.
class NmConnection {
  public:
    NmConnection() = default;
    NmConnection(const NmConnection&) = delete;
    NmConnection& operator=(const NmConnection&) = delete;

    /// Connects if it is not connected, and forgets what was read over an earlier connection.
    [[nodiscard]] Result<void> open();

    [[nodiscard]] SystemBus& bus() { return bus_; }
    [[nodiscard]] NmObjects& objects() { return objects_; }
    /// What the signals since the last call announced: profiles_changed, other_profiles_changed,
    /// network_manager_changed.
    [[nodiscard]] Events take_announced() { return std::exchange(announced_, Events{}); }
    [[nodiscard]] bool has_announced() const { return !announced_.empty(); }
    /// Increases with each connection to the bus.
    [[nodiscard]] int generation() const { return generation_; }

  private:
    [[nodiscard]] bool subscribe();
    void note(const char* path);
    [[nodiscard]] bool is_from_network_manager(sd_bus_message* message) const;

    static int on_object_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
    static int on_settings_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
    static int on_owner_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;

    NmObjects objects_;
    Events announced_;
    int generation_ = 0;
    SystemBus bus_;
};

} // namespace keeper
