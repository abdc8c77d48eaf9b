// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ports/service_port.hpp"

namespace keeper {

/// sd_notify(3): does nothing unless systemd started the process with Type=notify.
class SystemdService final : public ServicePort {
  public:
    void ready(const std::string& status) override;
    void reloading() override;
    void stopping() override;
    void alive(const std::string& status) override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() override;

  private:
    std::string status_; ///< the status text sent last
};

} // namespace keeper
