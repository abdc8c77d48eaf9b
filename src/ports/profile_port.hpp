// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/mptcp_flags.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Sets connection.mptcp-flags of a stored profile and changes nothing else in it.
struct StoreRequest {
    std::string uuid;
    MptcpFlags flags;
    friend bool operator==(const StoreRequest&, const StoreRequest&) = default;
};

/// Reapplies a device's current connection with only its mptcp-flags changed.
struct ReapplyRequest {
    std::string interface;
    std::string uuid; ///< the profile, which must still be active on the device
    MptcpFlags flags = {};
    /// First reapply with also-without-sysctl toggled. NetworkManager ignores a reapply without a difference;
    /// this makes it notice that net.mptcp.enabled was switched on since.
    bool force_difference = false;
    friend bool operator==(const ReapplyRequest&, const ReapplyRequest&) = default;
};

/// The time limit for all calls of one round together, whatever the number of profiles. Far below the
/// watchdog timeout of the daemon's unit.
inline constexpr std::chrono::milliseconds profile_round_time{10000};

/// NetworkManager's profiles. Every call returns within its deadline, even if NetworkManager hangs. Results
/// are in the order of the requests.
///
/// ErrorKind::unavailable: NetworkManager is not running; timed_out: it did not answer in time;
/// not_permitted: polkit refused.
class ProfilePort {
  public:
    virtual ~ProfilePort() = default;

    /// Begins a round: all calls until the next round share one deadline, profile_round_time from now. A call
    /// after the deadline fails at once with timed_out. Before the first round, each call has its own
    /// deadline.
    virtual void start_round() {}

    /// Reads everything.
    [[nodiscard]] virtual Result<NetworkManagerState> snapshot() = 0;
    /// The present state; reads again only what has changed since it was read last: what NetworkManager
    /// announced, what this object wrote, and the flags that these devices run, which NetworkManager changes
    /// without announcing it. Reads everything if nothing was read before, or NetworkManager was restarted.
    [[nodiscard]] virtual Result<NetworkManagerState> refresh(const std::set<Ifindex>& devices) = 0;
    /// Changes stored profiles in place. Neither reads nor sends secrets. Never touches a live device.
    [[nodiscard]] virtual std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) = 0;
    /// Reapplies live devices, keeping addresses that other programs configured.
    [[nodiscard]] virtual std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) = 0;
    /// Whether NetworkManager is running or has run since boot, so that the kernel may have endpoints that it
    /// created. Returns at once, without calling NetworkManager.
    [[nodiscard]] virtual bool has_run_since_boot() = 0;
    /// Returns memory that a round needed temporarily; call when idle.
    virtual void release() {}
};

} // namespace keeper
