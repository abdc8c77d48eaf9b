// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "ports/try_port.hpp"

namespace keeper {

/// `mptcp-keeper revert --at-deadline` as the transient service mptcp-keeper-try.service, which systemd
/// restarts until it has reverted. Where systemd is not the init system, and in other network namespaces,
/// which a service cannot join, it is a process in a session of its own.
class TryClock final : public TryClockPort {
  public:
    enum class Network { of_host, other };
    explicit TryClock(Network network) : network_(network) {}

    [[nodiscard]] Result<void> start() override;

  private:
    Network network_;
};

} // namespace keeper
