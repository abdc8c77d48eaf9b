// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "ports/daemon_port.hpp"

namespace keeper {

/// The commands' end of the daemon's socket. A successful connection proves that a daemon runs: only root can
/// write the socket's folder, and the kernel reports the listening user.
class DaemonSocket final : public DaemonPort {
  public:
    explicit DaemonSocket(std::string folder, std::chrono::milliseconds time_limit = std::chrono::seconds(5))
        : folder_(std::move(folder)), time_limit_(time_limit) {}

    [[nodiscard]] Result<std::optional<DaemonReply>> ask(const DaemonRequest& request) override;
    [[nodiscard]] std::optional<DaemonRecord> record() override;

  private:
    std::string folder_;
    std::chrono::milliseconds time_limit_;
};

} // namespace keeper
