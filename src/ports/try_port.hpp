// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/pending_try.hpp"

namespace keeper {

/// Storage of the pending try. It outlives the processes, but not a reboot. Whoever changes it holds the
/// lock.
class TryPort {
  public:
    virtual ~TryPort() = default;

    /// Identifies this boot.
    [[nodiscard]] virtual Result<std::string> boot() = 0;
    /// std::nullopt if none is pending. Removes one of another boot.
    [[nodiscard]] virtual Result<std::optional<PendingTry>> load() = 0;
    [[nodiscard]] virtual Result<void> save(const PendingTry& pending) = 0;
    /// Removes the try with this number, after which waiting processes read its outcome.
    [[nodiscard]] virtual Result<void> finish(std::uint64_t number, TryOutcome outcome) = 0;
    /// Removes a try that changed nothing.
    virtual void discard() = 0;
    /// The file whose removal gives the try up and keeps the present settings, for messages.
    [[nodiscard]] virtual std::string location() = 0;
    /// std::nullopt if the last finished try has another number.
    [[nodiscard]] virtual std::optional<TryOutcome> outcome_of(std::uint64_t number) = 0;
    /// The part of load() that every user may read.
    [[nodiscard]] virtual std::optional<ShownTry> shown() = 0;

    /// The files that the daemon has loaded, to which a try returns.
    [[nodiscard]] virtual Result<void> keep_loaded(const KeptFiles& files) = 0;
    /// std::nullopt if they are not known.
    [[nodiscard]] virtual std::optional<KeptFiles> loaded() = 0;

    /// The files to which the last try returned, unless others were applied since; std::nullopt if they are
    /// not known.
    [[nodiscard]] virtual std::optional<KeptFiles> returned_to() = 0;
    [[nodiscard]] virtual Result<void> keep_returned_to(const KeptFiles& files) = 0;
    /// The fingerprint of files on disk that were tried and taken back. They apply again only on request: by
    /// apply, try or a reload.
    [[nodiscard]] virtual std::optional<std::string> rejected() = 0;
    [[nodiscard]] virtual Result<void> reject(const std::string& fingerprint) = 0;
    /// Forgets the files of the last two kinds: others are in force.
    virtual void forget_reverted() = 0;
};

/// Starts the process that reverts a try at its deadline (`revert --at-deadline`) and that depends neither on
/// the command nor on the daemon.
class TryClockPort {
  public:
    virtual ~TryClockPort() = default;
    /// The try must be stored already.
    [[nodiscard]] virtual Result<void> start() = 0;
};

/// What a command waits for while a try is pending.
class TryWaitPort {
  public:
    virtual ~TryWaitPort() = default;

    struct Event {
        bool enter = false;   ///< a line was entered on the terminal
        bool stop = false;    ///< SIGINT or SIGTERM
        bool hang_up = false; ///< SIGHUP: the terminal is gone
        friend bool operator==(const Event&, const Event&) = default;
    };
    /// Whether somebody can press Enter and see how much time is left.
    [[nodiscard]] virtual bool is_interactive() = 0;
    /// Replaces the line with the remaining time; "" erases it. Only if is_interactive().
    virtual void show(const std::string& line) = 0;
    /// Returns at the latest at `until` (CLOCK_BOOTTIME, so that a suspended host is not late), on an event,
    /// and when the stored try changes.
    [[nodiscard]] virtual Event wait(std::chrono::milliseconds until) = 0;
};

} // namespace keeper
