#pragma once

#include <chrono>
#include <string>

#include "ports/daemon_port.hpp"

namespace keeper {

/// The commands' end of the daemon's socket. That a connection can be made is the proof that a daemon runs:
/// the socket lies in a folder that root alone writes, and the kernel names the user who listens.
class DaemonSocket final : public DaemonPort {
  public:
    explicit DaemonSocket(std::string folder, std::chrono::milliseconds time_limit = std::chrono::seconds(5))
        : folder_(std::move(folder)), time_limit_(time_limit) {}

    [[nodiscard]] Result<std::optional<DaemonReply>> ask(const DaemonRequest& request) override;

  private:
    std::string folder_;
    std::chrono::milliseconds time_limit_;
};

} // namespace keeper
