// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace keeper {

/// The service manager, from the point of view of the daemon.
class ServicePort {
  public:
    virtual ~ServicePort() = default;
    /// Start-up is complete; `status` is shown by `systemctl status`.
    virtual void ready(const std::string& status) = 0;
    /// A reload has begun; ready() ends it.
    virtual void reloading() = 0;
    /// The daemon is about to exit.
    virtual void stopping() = 0;
    /// Feeds the watchdog and updates the status text.
    virtual void alive(const std::string& status) = 0;
    /// The watchdog timeout; std::nullopt if there is no watchdog.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> watchdog() = 0;
};

} // namespace keeper
