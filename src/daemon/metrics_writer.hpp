// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "daemon_record/daemon_record.hpp"
#include "engine/notices.hpp"
#include "engine/reconciler.hpp"
#include "ports/clock_port.hpp"
#include "ports/metrics_file_port.hpp"
#include "status/host_metrics.hpp"

namespace keeper {

/// Keeps the file of `metrics.textfile` up to date: after each round that changes a value, at most once a
/// second, and otherwise at an interval, so that its modification time shows that the daemon is alive. The
/// live connections, the counters and the files on disk are read at the interval only. Does nothing while no
/// file is declared.
class MetricsWriter {
  public:
    using Time = std::chrono::milliseconds; ///< of the clock port

    static constexpr std::chrono::milliseconds interval{20000};
    static constexpr std::chrono::milliseconds shortest_pause{1000};

    struct Dependencies {
        MetricsFilePort& file;
        std::function<Result<std::string>()> netstat; ///< the text of /proc/net/netstat
        /// The fingerprint of the files on disk; std::nullopt if it cannot be computed.
        std::function<std::optional<std::string>()> fingerprint_on_disk;
        std::function<bool()> is_try_pending;
        std::string version; ///< of mptcp-keeper
    };
    MetricsWriter(Dependencies dependencies, ClockPort& clock, Notices& notices)
        : dependencies_(std::move(dependencies)), clock_(clock), notices_(notices) {}

    /// A configuration was loaded. A file that is no longer declared is removed.
    void load(const MetricsOutput& output);
    /// Asks for the survey that is due; called before the reconciler's step.
    void prepare(Reconciler& reconciler);
    /// Writes what is due; called after the reconciler's step. `record`: without its history.
    void step(Reconciler& reconciler, const DaemonRecord& record);
    /// Removes the file: nothing keeps it up to date from now on.
    void stop();
    [[nodiscard]] Time time_to_next() const;
    [[nodiscard]] bool is_active() const { return output_.textfile.has_value(); }

  private:
    [[nodiscard]] Time next_change() const;
    void take(const Survey& survey, const Reconciler& reconciler);
    void read_at_interval(const DaemonRecord& record);
    void write();
    void report(const Error& error);
    void remove_file();

    Dependencies dependencies_;
    ClockPort& clock_;
    Notices& notices_;
    MetricsOutput output_;
    std::string written_path_; ///< empty: there is no file
    HostMetrics metrics_;
    std::optional<HostMetrics> written_; ///< without times
    Time next_interval_{0};
    Time last_write_{0};
    Time last_survey_{0};      ///< when it was asked for
    std::uint64_t rounds_ = 0; ///< as of the last survey that was asked for
    bool reads_all_ = false;   ///< the survey that was asked for is that of the interval
    bool waits_for_survey_ = false;
    bool needs_survey_ = false; ///< a round may have changed something
    bool has_news_ = false;     ///< a value has changed, and the pause is not over
    std::string reported_;      ///< the last failure that was logged
};

} // namespace keeper
