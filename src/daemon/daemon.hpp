#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "engine/reconciler.hpp"
#include "model/daemon_record.hpp"
#include "ports/request_port.hpp"
#include "ports/service_port.hpp"

namespace keeper {

/// How a daemon's life ended.
enum class DaemonEnd {
    told_to_stop,
    invalid_configuration, ///< at its start: nothing was touched
};

/// The main loop: waits for events, lets the reconciler do what is due, publishes what came of it, and shows
/// the service manager that it lives. Single-threaded.
class Daemon {
  public:
    struct Surroundings {
        Reconciler::Surroundings reconciler;
        ServicePort& service;
        RequestPort& requests;
        std::function<LoadedConfig()> load_config;
        /// The one file that the daemon was given on its command line; empty where it reads those of the
        /// system, which are the ones that commands hand over.
        std::string own_file;
        std::function<Result<void>(const DaemonRecord&)> publish;
        /// What else on this host says otherwise than the files: named once after each load.
        std::function<std::vector<std::string>(const DesiredState&)> rivals_on_disk;
        std::int64_t pid = 0;
        std::uint64_t start_time = 0; ///< DaemonRecord's
    };
    explicit Daemon(const Surroundings& surroundings);

    /// Runs until it is told to stop.
    [[nodiscard]] DaemonEnd run();

    // The parts of run(), for tests that drive the daemon step by step.

    /// Loads the files and acts on them; false where they are invalid.
    [[nodiscard]] bool start();
    /// One turn of the loop: what these events ask for, and what is due.
    void turn(Events events);
    [[nodiscard]] std::chrono::milliseconds time_to_next() const { return reconciler_.time_to_next(); }

  private:
    /// The number of the declaration mark; 0 where it does not matter or cannot be read.
    [[nodiscard]] std::uint64_t mark_number();
    /// Loads the files; a bad set leaves the last good one in force and is reported.
    [[nodiscard]] bool load(Reconciler::Cause cause);
    void adopt(LoadedConfig config, Reconciler::Cause cause, std::uint64_t mark);
    /// Makes the declaration with that fingerprint, which a command has applied, its own. Where the files do
    /// not declare it (any more), the daemon suspends itself: what it has loaded is older.
    [[nodiscard]] DaemonReply take_over(const std::string& fingerprint);
    void take_over_what_was_applied();
    void suspend(std::uint64_t mark, const std::string& reason);
    [[nodiscard]] DaemonReply answer(const DaemonRequest& request);
    [[nodiscard]] DaemonReply reply(std::string refusal) const;
    void report_rivals();
    void act();
    void publish();
    [[nodiscard]] std::string status_text() const;
    [[nodiscard]] DaemonRecord record();
    void write_down_repairs();

    Surroundings outside_;
    Reconciler reconciler_;
    std::uint64_t loads_ = 0;
    std::string fingerprint_;
    std::string load_error_;
    ReconcileMode mode_ = ReconcileMode::enforce;
    std::optional<std::uint64_t> loaded_mark_; ///< mark_number() as of the load; nothing while suspended
    std::optional<DesiredState> unreported_;   ///< loaded, and not yet compared with the host's other files
    std::vector<std::string> history_;         ///< DaemonRecord's
    std::uint64_t written_down_ = 0;           ///< the number of the last repair in it
    DaemonRecord published_;
    std::string publish_error_; ///< why the last try failed
};

} // namespace keeper
