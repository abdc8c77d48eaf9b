// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "adapters/events/poll_source.hpp"
#include "adapters/kernel/procfs_sysctls.hpp"

namespace keeper {

/// Replaces a FileWatch on /proc/sys/net/mptcp if no inotify instance is available: reads the sysctls once a
/// second; a changed value is the event.
class SysctlPoll final : public PollSource {
  public:
    SysctlPoll();

    [[nodiscard]] pollfd interest() override { return {-1, 0, 0}; }
    [[nodiscard]] Wakeup collect() override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_to_next() override;

  private:
    using Clock = std::chrono::steady_clock;

    ProcfsSysctls sysctls_;
    std::map<std::string, std::string> last_;
    Clock::time_point next_;
};

} // namespace keeper
