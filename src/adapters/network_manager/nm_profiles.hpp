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

/// NetworkManager's profiles through libnm. Nothing is connected before the first call; the connection is
/// then kept until release(), and outlives restarts of NetworkManager and of the bus. Single-threaded; calls
/// no main loop but its own, and leaves nothing under way when a call returns.
class NmProfiles : public ProfilePort {
  public:
    struct Options {
        /// For all calls of a round together, or for one call outside of a round.
        std::chrono::milliseconds time_limit = profile_round_time;
        std::string conf_root; ///< where NetworkManager.conf is looked for, "" for /
    };

    NmProfiles();
    explicit NmProfiles(Options options);
    ~NmProfiles() override;

    void start_round() override;
    [[nodiscard]] Result<NetworkManagerState> snapshot() override;
    /// ErrorKind::busy: somebody else changed the profile twice meanwhile (seen from NetworkManager 1.44
    /// on; with an older one the last writer wins).
    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override;
    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override;
    /// By the folder that NetworkManager makes in /run when it starts, and that stays until the next boot.
    [[nodiscard]] bool has_run_since_boot() override;
    /// Closes the connection: one that nobody reads from gathers every signal that NetworkManager sends.
    void release() override;

  private:
    [[nodiscard]] std::shared_ptr<Round> begin_call() const;

    Options options_;
    std::optional<std::chrono::steady_clock::time_point> round_end_;
    std::unique_ptr<NmSession> session_;
};

} // namespace keeper
