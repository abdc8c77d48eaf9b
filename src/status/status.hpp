#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "applications/unit_states.hpp"
#include "model/daemon_record.hpp"
#include "model/desired_state.hpp"
#include "model/mptcp_counters.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// A single value, desired against observed.
template <class T>
struct ItemStatus {
    std::optional<T> desired; ///< nothing: not declared
    std::optional<T> observed;
    bool in_sync = true;
    std::string source;         ///< "FILE:LINE"; empty where not declared
    bool once_declared = false; ///< changed by the keeper, and no longer declared
    std::string note;           ///< why it is not as declared, where apply cannot change that
    friend bool operator==(const ItemStatus&, const ItemStatus&) = default;
};

enum class EndpointOwner { keeper, network_manager, other };
[[nodiscard]] std::string_view to_string(EndpointOwner owner);

struct EndpointStatus {
    EndpointKey key;
    std::string interface; ///< empty: none
    EndpointFlags flags;
    EndpointId id; ///< 0 where it is missing
    EndpointOwner owner = EndpointOwner::other;
    bool desired = false; ///< a file asks for it, itself or through a profile
    bool present = true;
    bool in_sync = true;
    std::string source; ///< "FILE:LINE" of its own or its profile's declaration
    std::string note;   ///< why it is not as declared, where apply cannot change that
    friend bool operator==(const EndpointStatus&, const EndpointStatus&) = default;
};

struct ProfileStatus {
    std::string uuid;
    std::string name;
    std::optional<MptcpFlags> desired;
    MptcpFlags stored;
    std::optional<MptcpFlags> live; ///< nothing where inactive
    std::string pending;            ///< the command that makes the live device final; empty where not needed
    bool in_sync = true;
    std::string device; ///< empty where inactive
    std::string source;
    std::string note; ///< why it is not as declared, where apply cannot change that
    [[nodiscard]] bool active() const { return live.has_value(); }
    friend bool operator==(const ProfileStatus&, const ProfileStatus&) = default;
};

/// A profile that no rule may touch, and why.
struct SkippedProfile {
    std::string uuid;
    std::string name;
    std::string reason;
    friend bool operator==(const SkippedProfile&, const SkippedProfile&) = default;
};

/// Live connections in numbers.
struct ConnectionCounts {
    std::size_t mptcp = 0;    ///< those that did not fall back to TCP
    std::size_t subflows = 0; ///< established ones
    std::size_t fallback = 0;
    friend bool operator==(const ConnectionCounts&, const ConnectionCounts&) = default;
};

/// What is known of the daemon.
struct DaemonStatus {
    bool running = false;
    bool loaded = true;           ///< the files that it runs with are those on disk; true where none runs
    bool invalid_on_disk = false; ///< those on disk have errors: only a daemon that runs has a declaration
    ReconcileMode mode = ReconcileMode::enforce;
    std::string phase;
    std::string load_error; ///< why it kept the files that it had; empty where it did not
    std::uint64_t repairs = 0;
    std::vector<std::string> history; ///< as DaemonRecord has it
    std::vector<DaemonRecord::Conflict> conflicts;
    std::chrono::milliseconds now{0}; ///< CLOCK_MONOTONIC, to tell how long conflicts rest
    /// Files that say otherwise than is declared, as sentences, whether a daemon runs or not.
    std::vector<std::string> rivals;
    friend bool operator==(const DaemonStatus&, const DaemonStatus&) = default;
};

/// Desired against observed, item by item.
struct Status {
    bool in_sync = true;
    std::string kernel_release;
    bool mptcp_supported = false;
    std::optional<std::string> network_manager_version; ///< nothing: not running
    std::string network_manager_error;
    std::map<std::string, ItemStatus<std::string>> sysctls;  ///< by the name after "net.mptcp."
    std::map<std::string, ItemStatus<std::uint32_t>> limits; ///< "subflows" and "add_addr_accepted"
    std::vector<EndpointStatus> endpoints; ///< the kernel's, in its order, then the missing ones
    std::vector<ProfileStatus> profiles;   ///< those that a rule decides or the keeper changed
    std::vector<SkippedProfile> skipped;
    std::vector<UnitStatus> units; ///< declared ones, and those that a declared glob matches
    ConnectionCounts connections;
    MptcpCounters counters; ///< those that are not 0
    DaemonStatus daemon;
    friend bool operator==(const Status&, const Status&) = default;
};

/// Puts together what is declared, what is there and what a plan over everything makes of it: an item is in
/// sync where the plan has nothing to do and nothing that cannot be done. Pure.
[[nodiscard]] Status make_status(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Plan& plan,
    const DaemonStatus& daemon);

/// The `status` document.
[[nodiscard]] std::string status_json(const Status& status);

/// The document of check_json() with "loaded" and "daemon" added, as status_json() has them.
[[nodiscard]] std::string invalid_status_json(const std::string& check, const DaemonStatus& daemon);

} // namespace keeper
