#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/desired_state.hpp"

namespace keeper {

/// What the daemon publishes about itself, below /run/mptcp-keeper, for status and for whoever applies.
struct DaemonRecord {
    std::int64_t pid = 0;
    std::uint64_t start_time = 0; ///< of that process, in clock ticks since the boot; 0: not published
    ReconcileMode mode = ReconcileMode::enforce;
    std::string phase;       ///< "idle", "waiting for NetworkManager", …
    std::uint64_t loads = 0; ///< how often files were read since it started
    std::string fingerprint; ///< of the files that it runs with, LoadedConfig::fingerprint
    std::string load_error;  ///< why the last reload kept the old files; empty where it did not
    std::uint64_t repairs = 0;
    /// The last repairs, the latest at the end: each a JSON object as status shows it, with its number. Fewer
    /// than `repairs` where the oldest were dropped.
    std::vector<std::string> history;
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
/// An Error where the text is not such a record.
[[nodiscard]] Result<DaemonRecord> parse_daemon_record(const std::string& text);

} // namespace keeper
