// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/text/wall_time.hpp"
#include "model/limits.hpp"
#include "model/mptcp_counters.hpp"
#include "status/status.hpp"

namespace keeper {

/// The endpoints with that flag, by their owner. An endpoint with two flags counts twice.
using EndpointCounts = std::map<std::pair<EndpointOwner, EndpointFlag>, std::size_t>;

/// The live connections and the subflows of those that did not fall back to TCP.
struct LiveCounts {
    std::size_t connections = 0; ///< without those that fell back
    std::size_t fallbacks = 0;
    std::map<SocketState, std::size_t> subflows;
    friend bool operator==(const LiveCounts&, const LiveCounts&) = default;
};

/// What is exported to Prometheus. A value that is not known is left out. It contains no address, no name of
/// a profile or interface and no token: the number of time series is bounded, and nothing is disclosed.
struct HostMetrics {
    std::string version;       ///< of mptcp-keeper
    std::string config_hash;   ///< of the configuration that is in force; empty: not known
    bool config_loaded = true; ///< the files on disk are those that the daemon has loaded
    bool config_valid = true;  ///< the last load succeeded
    std::optional<bool> in_sync;
    std::optional<std::map<Resource, std::uint64_t>> repairs; ///< a missing resource has none
    std::map<Resource, std::size_t> conflicts;                ///< paused items
    std::optional<RoundResult> last_apply;
    std::optional<WallTime> last_check; ///< the last time the host was compared with the configuration
    std::optional<Limits> limits;
    std::optional<EndpointCounts> endpoints;
    std::optional<LiveCounts> live;
    bool try_pending = false;
    std::optional<MptcpCounters> counters; ///< only if metrics.counters is true
    friend bool operator==(const HostMetrics&, const HostMetrics&) = default;
};

/// What the host contributes: its limits, endpoints and live connections. Pure.
void add_host(
    HostMetrics& metrics,
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Plan& plan);

/// What the daemon contributes: its configuration, repairs and conflicts. Pure.
void add_daemon(HostMetrics& metrics, const DaemonRecord& record);

} // namespace keeper
