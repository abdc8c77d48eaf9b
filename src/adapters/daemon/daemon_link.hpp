// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "adapters/files/unique_fd.hpp"
#include "base/result.hpp"
#include "daemon_record/daemon_record.hpp"
#include "model/daemon_message.hpp"

namespace keeper {

/// The files through which daemon and commands find each other, in /run/mptcp-keeper:
///   daemon.lock    root only; held while a daemon runs, so that there is at most one
///   daemon.socket  root only; a connection proves to a command that a daemon runs, see DaemonSocket
///   daemon.json    readable by everyone; the daemon's state, for status. No command acts on it alone
///   poke           root only; a write makes the daemon check everything again
class DaemonLink {
  public:
    explicit DaemonLink(std::string folder = "/run/mptcp-keeper") : folder_(std::move(folder)) {}

    // For the daemon.

    /// Creates the folder and its files, and locks daemon.lock for as long as the descriptor is open.
    /// ErrorKind::busy: another daemon is running.
    [[nodiscard]] Result<UniqueFd> take_daemon_lock() const;
    /// Readers see the old or the new record.
    [[nodiscard]] Result<void> publish(const DaemonRecord& record) const;
    void remove_record() const;

    // For the commands.

    /// The record of the running daemon; std::nullopt if none runs, or none has published a record yet. Works
    /// for every user: the record identifies its process by pid and start time.
    [[nodiscard]] std::optional<DaemonRecord> running_daemon() const;
    /// The answer if no daemon listens on the socket: std::nullopt, or an Error if the record names a running
    /// daemon, which is an older release or has lost its socket.
    [[nodiscard]] Result<std::optional<DaemonReply>> reply_without_socket() const;

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string socket() const { return folder_ + "/daemon.socket"; }

  private:
    [[nodiscard]] std::optional<DaemonRecord> record() const;
    [[nodiscard]] Result<UniqueFd> open_lock() const;

    std::string folder_;
};

/// Removes the daemon's record when the daemon ends. Declare it after the socket, so that the record is
/// removed first: a record without a socket is an error.
class RecordRemoval {
  public:
    explicit RecordRemoval(const DaemonLink& link) : link_(link) {}
    ~RecordRemoval() { link_.remove_record(); }
    RecordRemoval(const RecordRemoval&) = delete;
    RecordRemoval& operator=(const RecordRemoval&) = delete;

  private:
    const DaemonLink& link_;
};

} // namespace keeper
