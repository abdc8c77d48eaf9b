#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "model/daemon_message.hpp"
#include "model/daemon_record.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// The files by which daemon and commands know of each other, in /run/mptcp-keeper:
///   daemon.lock    root's alone; held as long as a daemon runs, so that there is one at most
///   daemon.socket  root's alone; a connection proves to a command that a daemon runs: see DaemonSocket
///   daemon.json    for all to read; what the daemon does, for status. No command acts on it alone
///   poke           root's alone; a write makes the daemon check everything again
class DaemonLink {
  public:
    explicit DaemonLink(std::string folder = "/run/mptcp-keeper") : folder_(std::move(folder)) {}

    // For the daemon.

    /// Makes the folder and its files, and takes daemon.lock for as long as the descriptor is open.
    /// ErrorKind::busy: another daemon runs.
    [[nodiscard]] Result<UniqueFd> become_daemon() const;
    /// Readers see the old or the new record.
    [[nodiscard]] Result<void> publish(const DaemonRecord& record) const;
    void remove_record() const;

    // For the commands.

    /// The record of the daemon that runs; nothing where none does, or where it has not published one yet.
    /// Works for every user: the record names its process by pid and start time.
    [[nodiscard]] std::optional<DaemonRecord> running_daemon() const;
    /// The answer where no daemon listens on the socket: nothing, or an Error where the record names a live
    /// daemon, of an older release or with its socket removed.
    [[nodiscard]] Result<std::optional<DaemonReply>> without_socket() const;

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string socket() const { return folder_ + "/daemon.socket"; }

  private:
    [[nodiscard]] std::optional<DaemonRecord> record() const;
    [[nodiscard]] Result<UniqueFd> open_lock() const;

    std::string folder_;
};

/// Removes the daemon's record when it ends. Declared after the socket, so that it goes first: a record
/// without a socket means that something is wrong.
class RecordRemoval {
  public:
    explicit RecordRemoval(const DaemonLink& link) : link_(link) {}
    ~RecordRemoval() { link_.remove_record(); }
    RecordRemoval(const RecordRemoval&) = delete;
    RecordRemoval& operator=(const RecordRemoval&) = delete;

  private:
    const DaemonLink& link_;
};

/// The lock that apply and reset wait for, for a daemon that must not wait.
class FileLock final : public LockPort {
  public:
    explicit FileLock(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] Result<std::unique_ptr<Guard>> try_lock() override;

  private:
    std::string path_;
};

/// A lock that is held as long as this object lives.
class HeldLock final : public LockPort::Guard {
  public:
    explicit HeldLock(UniqueFd file) : file_(std::move(file)) {}

  private:
    UniqueFd file_;
};

} // namespace keeper
