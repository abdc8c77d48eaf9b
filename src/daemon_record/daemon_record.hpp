// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "daemon_record/published_repair.hpp"
#include "model/desired_state.hpp"
#include "model/round_result.hpp"

namespace keeper {

/// The state that the daemon publishes in /run/mptcp-keeper, for `status` and `apply`.
struct DaemonRecord {
    std::int64_t pid = 0;
    std::uint64_t start_time = 0; ///< of that process, in clock ticks since boot; 0: not published
    ReconcileMode mode = ReconcileMode::enforce;
    std::string phase;       ///< "idle", "waiting for NetworkManager", …
    std::uint64_t loads = 0; ///< how often it has read the files since it started
    std::string fingerprint; ///< of the loaded files, LoadedConfig::fingerprint
    std::string config_hash; ///< of the loaded configuration, LoadedConfig::hash; empty if not published
    std::string load_error;  ///< why the last reload kept the old files; empty if it succeeded
    std::string tried_file;  ///< the loaded configuration is that of a try with this file; empty if it is not
    std::uint64_t repairs = 0;
    /// A resource that is missing has none; std::nullopt if not published.
    std::optional<std::map<Resource, std::uint64_t>> repairs_of;
    std::optional<RoundResult> last_apply; ///< up to a minute old
    /// The last repairs, the most recent last. Fewer than `repairs` once the oldest were dropped.
    std::vector<PublishedRepair> history;
    struct Conflict {
        std::string resource;
        std::string key;
        std::string rival;
        std::uint64_t repairs = 0;             ///< in the last ten minutes
        std::chrono::milliseconds retry_at{0}; ///< CLOCK_MONOTONIC
        friend bool operator==(const Conflict&, const Conflict&) = default;
    };
    std::vector<Conflict> conflicts;
    friend bool operator==(const DaemonRecord&, const DaemonRecord&) = default;
};

[[nodiscard]] std::string daemon_record_json(const DaemonRecord& record);
/// Fails if the text is not such a record. Reads the records of older daemons too; repairs that it cannot
/// read are left out.
[[nodiscard]] Result<DaemonRecord> parse_daemon_record(const std::string& text);

} // namespace keeper
