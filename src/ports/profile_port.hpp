#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/mptcp_flags.hpp"
#include "model/observed_state.hpp"

namespace keeper {

/// Asks that a stored profile's connection.mptcp-flags be these; nothing else of the profile changes.
struct StoreRequest {
    std::string uuid;
    MptcpFlags flags;
    friend bool operator==(const StoreRequest&, const StoreRequest&) = default;
};

/// Asks that a device run the connection that it runs now, with only its mptcp-flags changed.
struct ReapplyRequest {
    std::string interface;
    std::string uuid; ///< the profile that must still be active there
    MptcpFlags flags;
    /// First reapply with also-without-sysctl toggled: NetworkManager does nothing on a reapply without a
    /// difference, and this is how it notices that net.mptcp.enabled was switched on meanwhile.
    bool force_difference = false;
    friend bool operator==(const ReapplyRequest&, const ReapplyRequest&) = default;
};

/// How long all calls of one round may take together. Far below the time after which systemd takes a daemon
/// for hung, whatever the number of profiles.
inline constexpr std::chrono::milliseconds profile_round_time{10000};

/// NetworkManager's profiles. Every call returns within its deadline, whatever NetworkManager does; results
/// stand in the order of the requests.
///
/// ErrorKind::unavailable: NetworkManager is not running; timed_out: it did not answer in time;
/// not_permitted: polkit refused.
class ProfilePort {
  public:
    virtual ~ProfilePort() = default;

    /// Begins a round: until the next one, all calls share one deadline, profile_round_time from now. A call
    /// after it fails at once with timed_out. Calls before the first round have a deadline each.
    virtual void start_round() {}

    [[nodiscard]] virtual Result<NetworkManagerState> snapshot() = 0;
    /// Changes stored profiles in place. Secrets are neither read nor sent. Never touches a live device.
    [[nodiscard]] virtual std::vector<Result<void>> store(const std::vector<StoreRequest>& requests) = 0;
    /// Reapplies on live devices, keeping addresses that others configured.
    [[nodiscard]] virtual std::vector<Result<void>> reapply(const std::vector<ReapplyRequest>& requests) = 0;
    /// Whether NetworkManager runs or has run since the boot, in which case the kernel may hold endpoints
    /// that it made. Answers at once, without asking NetworkManager.
    [[nodiscard]] virtual bool has_run_since_boot() = 0;
    /// There may be no call for a long time: gives back what only the next call's speed needs.
    virtual void release() {}
};

} // namespace keeper
