// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/profile_port.hpp"

namespace keeper {

class NmSession;
class Round;

/// NetworkManager's profiles through libnm. The first call connects; the connection is kept until release(),
/// and re-established after restarts of NetworkManager and of the bus. Single-threaded; runs only its own
/// main loop, and leaves no call pending when a function returns.
class NmProfiles : public ProfilePort {
  public:
    struct Options {
        /// For all calls of a round together, or for one call outside a round.
        std::chrono::milliseconds time_limit = profile_round_time;
        std::string conf_root; ///< the root below which NetworkManager.conf is read, "" for /
    };

    NmProfiles();
    explicit NmProfiles(Options options);
    ~NmProfiles() override;

    void start_round() override;
    [[nodiscard]] Result<NetworkManagerState> snapshot() override;
    /// ErrorKind::busy: another program changed the profile twice during the call (detected with
    /// NetworkManager 1.44 and later; with an older one the last writer wins).
    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override;
    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override;
    /// Checks for the folder that NetworkManager creates in /run when it starts, and that stays until reboot.
    [[nodiscard]] bool has_run_since_boot() override;
    /// Closes the connection, which would otherwise queue every signal that NetworkManager sends.
    void release() override;

  private:
    [[nodiscard]] std::shared_ptr<Round> begin_call() const;

    Options options_;
    std::optional<std::chrono::steady_clock::time_point> round_end_;
    std::unique_ptr<NmSession> session_;
};

} // namespace keeper
