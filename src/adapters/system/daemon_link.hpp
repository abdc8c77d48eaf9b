#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/daemon_record.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// The files by which daemon and commands know of each other, in /run/mptcp-keeper: daemon.lock, held as
/// long as a daemon runs; daemon.json, its record; poke, whose touch makes it look again.
class DaemonLink {
  public:
    explicit DaemonLink(std::string folder = "/run/mptcp-keeper") : folder_(std::move(folder)) {}

    // For the daemon.

    /// Makes the folder and its files, and takes daemon.lock for as long as the descriptor is open.
    /// ErrorKind::busy: another daemon runs.
    [[nodiscard]] Result<UniqueFd> become_daemon() const;
    /// Whoever reads sees the old or the new record.
    [[nodiscard]] Result<void> publish(const DaemonRecord& record) const;

    // For the commands.

    /// The record of the daemon that runs; nothing where none does, or where it has not published one yet.
    [[nodiscard]] std::optional<DaemonRecord> running_daemon() const;
    /// Makes the daemon read its files, and returns once it has; at once where none runs.
    [[nodiscard]] Result<void> make_daemon_load(std::chrono::milliseconds at_most) const;

    [[nodiscard]] const std::string& folder() const { return folder_; }

  private:
    [[nodiscard]] bool is_daemon_running() const;

    std::string folder_;
};

/// The lock that apply and reset wait for, for a daemon that has better things to do.
class FileLock final : public LockPort {
  public:
    explicit FileLock(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] std::unique_ptr<Guard> try_lock() override;

  private:
    std::string path_;
};

} // namespace keeper
