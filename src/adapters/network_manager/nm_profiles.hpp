// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/network_manager/nm_connection.hpp"
#include "ports/profile_port.hpp"

namespace keeper {

/// NetworkManager's profiles over its D-Bus API. The first call connects; the connection is kept, and
/// re-established after restarts of NetworkManager and of the bus. Single-threaded; leaves no call pending
/// when a function returns.
///
/// NMClient of libnm is not used: it mirrors all properties of all objects, which takes 180 ms and 10 MiB
/// with 1,000 profiles, and drops settings on write-back that are newer than the library.
class NmProfiles : public ProfilePort {
  public:
    struct Options {
        /// For all calls of a round together, or for one call outside a round.
        std::chrono::milliseconds time_limit = profile_round_time;
        std::string conf_root; ///< the root below which NetworkManager.conf is read, "" for /
    };

    explicit NmProfiles(std::shared_ptr<NmConnection> connection);
    NmProfiles(std::shared_ptr<NmConnection> connection, Options options);

    void start_round() override;
    [[nodiscard]] Result<NetworkManagerState> snapshot() override;
    [[nodiscard]] Result<NetworkManagerState> refresh(const std::set<Ifindex>& devices) override;
    /// ErrorKind::busy: another program changed the profile twice during the call (detected with
    /// NetworkManager 1.44 and later; with an older one the last writer wins).
    [[nodiscard]] std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) override;
    [[nodiscard]] std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) override;
    /// Checks for the folder that NetworkManager creates in /run when it starts, and that stays until reboot.
    [[nodiscard]] bool has_run_since_boot() override;
    void release() override;

  private:
    [[nodiscard]] Deadline deadline() const;
    /// Connects, and reads what must be read before anything can be written.
    [[nodiscard]] Result<void> make_ready(Deadline end);
    [[nodiscard]] Result<NetworkManagerState> read_everything(Deadline end);
    [[nodiscard]] NetworkManagerState state() const;
    template <class Request, class CarryOut>
    [[nodiscard]] std::vector<Result<void>>
    carry_out(const std::vector<Request>& requests, const CarryOut& carry_out);

    std::shared_ptr<NmConnection> connection_;
    Options options_;
    std::optional<Deadline> round_end_;
};

} // namespace keeper
