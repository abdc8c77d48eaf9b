// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "adapters/events/bus_source.hpp"
#include "adapters/network_manager/nm_connection.hpp"

namespace keeper {

/// NetworkManager's signals as events of the daemon. The bus itself may be absent or restart; it is then
/// tried again every second.
class NmWatch final : public BusSource {
  public:
    /// Shares the connection with the port that reads profiles, so that signals mark what must be read again.
    explicit NmWatch(std::shared_ptr<NmConnection> connection);

    /// The request reads a property. org.freedesktop.DBus.Peer.Ping would not be enough: a GLib thread
    /// answers it even while the main loop hangs.
    void ping() override;

    [[nodiscard]] pollfd interest() override { return connection_->bus().interest(); }
    [[nodiscard]] Wakeup collect() override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_to_next() override;

  private:
    void open();
    void follow_connection();
    void send_ping();
    static int on_pong(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;

    std::shared_ptr<NmConnection> connection_;
    SlotPtr ping_;
    std::chrono::steady_clock::time_point next_open_;
    bool ping_wanted_ = false;
    bool is_ping_pending_ = false; ///< ping_ was not answered yet
    int generation_ = 0;           ///< of the connection over which the ping was sent
    Events events_;
};

} // namespace keeper
