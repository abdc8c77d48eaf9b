// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "applications/unit_states.hpp"
#include "base/text/wall_time.hpp"
#include "daemon_record/daemon_record.hpp"
#include "model/desired_state.hpp"
#include "model/mptcp_counters.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// A single value, desired and observed.
template <class T>
struct ItemStatus {
    std::optional<T> desired; ///< nullopt: not declared
    std::optional<T> observed;
    bool in_sync = true;
    std::string source;         ///< "FILE:LINE"; empty if not declared
    bool once_declared = false; ///< changed by mptcp-keeper, and no longer declared
    std::string note;           ///< why apply cannot bring it in line; empty if it can
    friend bool operator==(const ItemStatus&, const ItemStatus&) = default;
};

enum class EndpointOwner { keeper, network_manager, other };
[[nodiscard]] std::string_view to_string(EndpointOwner owner);

struct EndpointStatus {
    SocketAddress key;
    std::string interface; ///< empty: none
    EndpointFlags flags;
    EndpointId id; ///< 0 if it is missing
    EndpointOwner owner = EndpointOwner::other;
    bool desired = false; ///< declared itself, or through a profile
    bool present = true;
    bool in_sync = true;
    std::string source; ///< "FILE:LINE" of its own declaration or its profile's
    std::string note;   ///< why apply cannot bring it in line; empty if it can
    friend bool operator==(const EndpointStatus&, const EndpointStatus&) = default;
};

struct ProfileStatus {
    std::string uuid;
    std::string name;
    std::optional<MptcpFlags> desired;
    MptcpFlags stored;
    std::optional<MptcpFlags> live; ///< nullopt if inactive
    std::string pending;            ///< the command that makes the live device final; empty if none is needed
    bool in_sync = true;
    std::string device; ///< empty if inactive
    std::string source;
    std::string note; ///< why apply cannot bring it in line; empty if it can
    [[nodiscard]] bool active() const { return live.has_value(); }
    friend bool operator==(const ProfileStatus&, const ProfileStatus&) = default;
};

/// A profile that rules never match, and why.
struct SkippedProfile {
    std::string uuid;
    std::string name;
    std::string reason;
    friend bool operator==(const SkippedProfile&, const SkippedProfile&) = default;
};

enum class ProgramHookState { attached, detached, unavailable };
/// The name in reports: "attached", "detached", "unavailable".
[[nodiscard]] std::string_view to_string(ProgramHookState state);

/// The BPF program of `applications.all` and `slices`.
struct ProgramHookStatus {
    ProgramHookState state = ProgramHookState::detached;
    std::string reason; ///< why it is not as declared, or has no effect; empty if it is and has
    /// "all" and slices: of the attached program, or else the declared ones.
    std::vector<std::string> scope;
    std::vector<std::string> excluded; ///< units that it leaves on TCP, as globs
    bool in_sync = true;
    friend bool operator==(const ProgramHookStatus&, const ProgramHookStatus&) = default;
};

/// The number of live connections.
struct ConnectionCounts {
    std::size_t mptcp = 0;    ///< without those that fell back to TCP
    std::size_t subflows = 0; ///< established ones only
    std::size_t fallback = 0;
    friend bool operator==(const ConnectionCounts&, const ConnectionCounts&) = default;
};

/// A try, or a configuration that was tried and confirmed, but is not installed.
struct TryStatus {
    bool pending = false;
    std::optional<WallTime> deadline; ///< while it is pending
    std::string file;                 ///< empty: the files on disk, or nothing was tried
    friend bool operator==(const TryStatus&, const TryStatus&) = default;
};

/// The merged configuration.
struct ConfigStatus {
    std::string hash;               ///< of the files on disk, LoadedConfig::hash; empty if they are invalid
    std::vector<std::string> files; ///< on disk, in the order in which they were read
    friend bool operator==(const ConfigStatus&, const ConfigStatus&) = default;
};

/// The state of the daemon.
struct DaemonStatus {
    bool running = false;
    bool loaded = true;           ///< the daemon has loaded the files on disk; true if no daemon runs
    bool invalid_on_disk = false; ///< the files on disk are invalid: only a running daemon has a declaration
    std::string config_hash;      ///< as in DaemonRecord; empty if no daemon runs
    ReconcileMode mode = ReconcileMode::enforce;
    std::string phase;
    std::string load_error; ///< why it kept its earlier configuration; empty if it did not
    std::uint64_t repairs = 0;
    std::vector<PublishedRepair> history; ///< as in DaemonRecord
    std::vector<DaemonRecord::Conflict> conflicts;
    std::chrono::milliseconds now{0}; ///< CLOCK_MONOTONIC, to compute when repairs of conflicts resume
    /// Messages about files that contradict the configuration, with or without a daemon.
    std::vector<std::string> rivals;
    TryStatus tried;
    friend bool operator==(const DaemonStatus&, const DaemonStatus&) = default;
};

/// The desired and the observed state of every item.
struct Status {
    bool in_sync = true;
    std::string kernel_release;
    bool mptcp_supported = false;
    std::optional<std::string> network_manager_version; ///< nullopt: not running
    std::string network_manager_error;
    std::map<std::string, ItemStatus<std::string>> sysctls;  ///< by the name after "net.mptcp."
    std::map<std::string, ItemStatus<std::uint32_t>> limits; ///< "subflows" and "add_addr_accepted"
    std::vector<EndpointStatus> endpoints; ///< the kernel's, in its order, then the missing ones
    std::vector<ProfileStatus> profiles;   ///< those that a rule matches or mptcp-keeper changed
    std::vector<SkippedProfile> skipped;
    std::vector<UnitStatus> units; ///< declared by name or matched by a declared glob
    ProgramHookStatus program_hook;
    ConnectionCounts connections;
    MptcpCounters counters; ///< only those other than 0
    ConfigStatus config;
    DaemonStatus daemon;
    friend bool operator==(const Status&, const Status&) = default;
};

/// Combines the desired state, the observed state and a plan with the full scope: an item is in sync if the
/// plan has no actionable and no blocked change of it. Pure.
[[nodiscard]] Status make_status(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Plan& plan,
    const DaemonStatus& daemon);

/// The `status` document.
[[nodiscard]] std::string status_json(const Status& status);

/// The document of check_json() with "config", "loaded" and "daemon" as status_json() has them.
[[nodiscard]] std::string
invalid_status_json(const std::string& check, const ConfigStatus& config, const DaemonStatus& daemon);

} // namespace keeper
