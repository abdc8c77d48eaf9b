// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/flood.hpp"
#include "daemon/kept_declarations.hpp"
#include "daemon/metrics_writer.hpp"
#include "daemon_record/daemon_record.hpp"
#include "engine/reconciler.hpp"
#include "ports/request_port.hpp"
#include "ports/service_port.hpp"

namespace keeper {

/// How a daemon ended.
enum class DaemonEnd {
    stopped,
    invalid_configuration, ///< at its start: nothing was changed
};

/// The main loop: waits for events, lets the reconciler do what is due, publishes the result, and notifies
/// the service manager. Single-threaded.
class Daemon {
  public:
    struct Dependencies {
        Reconciler::Dependencies reconciler;
        ServicePort& service;
        RequestPort& requests;
        TryPort& tries;
        std::function<LoadedConfig()> load_config;
        /// Parses files that were stored.
        KeptDeclarations::Parse parse;
        /// The file given with --config; empty if the daemon reads the system's files, which are those that
        /// commands hand over.
        std::string own_file;
        std::function<Result<void>(const DaemonRecord&)> publish;
        /// Messages about other files of this host that contradict the declaration; logged after each load.
        std::function<std::vector<std::string>(const DesiredState&)> rivals_on_disk;
        MetricsWriter::Dependencies metrics;
        std::int64_t pid = 0;
        std::uint64_t start_time = 0; ///< see DaemonRecord
    };
    explicit Daemon(const Dependencies& dependencies);

    /// Runs until Event::stop.
    [[nodiscard]] DaemonEnd run();

    // The parts of run(), for tests that drive the daemon step by step.

    /// Loads the files and acts on them; false if they are invalid.
    [[nodiscard]] bool start();
    /// One turn of the loop: handles the events and does what is due.
    void turn(const Wakeup& wakeup);
    [[nodiscard]] std::chrono::milliseconds time_to_next() const;
    /// Event::stop has arrived.
    void stop();

  private:
    /// The number of the declaration mark; the highest number with own_file, and 0 if it cannot be read.
    [[nodiscard]] std::uint64_t mark_number();
    /// Loads what is in force when a daemon starts.
    [[nodiscard]] bool load_at_start();
    /// Loads the files on disk, unless a try is pending.
    void reload();
    /// Invalid files are reported, and the last valid ones stay in force.
    [[nodiscard]] bool load(DeclarationInForce declaration, Reconciler::Cause cause, std::uint64_t mark);
    void adopt(DeclarationInForce declaration, Reconciler::Cause cause, std::uint64_t mark);
    /// Adopts the declaration with that fingerprint, which a command has applied. If neither the files nor
    /// what a try has stored contain it any more, the daemon suspends itself, since what it has loaded is
    /// older.
    [[nodiscard]] DaemonReply take_over(const std::string& fingerprint);
    void take_over_applied_files();
    void suspend(std::uint64_t mark, const std::string& reason);
    [[nodiscard]] DaemonReply suspended_reply(std::uint64_t mark, const std::string& reason);
    /// Reverts a try whose deadline has passed, if the process that is to do that has not.
    void revert_overdue_try();
    void revert_try();
    [[nodiscard]] DaemonReply answer(const DaemonRequest& request);
    [[nodiscard]] DaemonReply reply(std::string refusal) const;
    /// Why it cannot enforce the candidate of a try and return to what it enforces now; empty if it can.
    [[nodiscard]] std::string why_not_try() const;
    void report_rivals();
    void act();
    void publish();
    void write_metrics();
    /// Feeds the watchdog, and updates the status text.
    void show_life();
    [[nodiscard]] std::chrono::milliseconds sign_of_life_interval();
    [[nodiscard]] std::string status_text() const;
    /// Cheap, because it is compared at every wait. Each repair changes the count.
    [[nodiscard]] DaemonRecord record_without_history() const;

    Dependencies dependencies_;
    KeptDeclarations declarations_;
    Reconciler reconciler_;
    MetricsWriter metrics_;
    std::uint64_t loads_ = 0;
    std::string fingerprint_;
    std::string config_hash_;
    std::string load_error_;
    std::string tried_file_; ///< see DeclarationInForce
    std::optional<std::chrono::milliseconds> try_deadline_;
    ReconcileMode mode_ = ReconcileMode::enforce;
    std::optional<std::uint64_t> loaded_mark_; ///< mark_number() at the load; std::nullopt while suspended
    std::optional<DesiredState> unreported_;   ///< loaded, but not yet compared with the host's other files
    DaemonRecord published_;                   ///< without its history
    std::chrono::milliseconds last_sign_of_life_{0};
    Flood flood_;
    std::string publish_error_; ///< why the last attempt failed
};

} // namespace keeper
