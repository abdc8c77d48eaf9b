#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "engine/reconciler.hpp"
#include "model/daemon_record.hpp"
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
        std::function<LoadedConfig()> load_config;
        std::function<Result<void>(const DaemonRecord&)> publish;
        /// What else on this host says otherwise than the files: named once after each load.
        std::function<std::vector<std::string>(const DesiredState&)> rivals_on_disk;
        std::int64_t pid = 0;
    };
    explicit Daemon(const Surroundings& surroundings);

    /// Runs until it is told to stop.
    [[nodiscard]] DaemonEnd run();

  private:
    /// Loads the files; a bad set leaves the last good one in force and is told.
    [[nodiscard]] bool load(Reconciler::Cause cause);
    void publish();
    [[nodiscard]] std::string status_text() const;
    [[nodiscard]] DaemonRecord record();
    void write_down_repairs();

    Surroundings outside_;
    Reconciler reconciler_;
    std::uint64_t loads_ = 0;
    std::string fingerprint_;
    std::string load_error_;
    std::vector<std::string> history_; ///< DaemonRecord's
    std::uint64_t written_down_ = 0;   ///< the number of the last repair in it
    DaemonRecord published_;
    std::string publish_error_; ///< why the last try failed
};

} // namespace keeper
