// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "ports/daemon_port.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/lock_port.hpp"
#include "ports/try_port.hpp"

namespace keeper {

/// What a try covers: everything but units, whose drop-ins follow the installed files and whose restarts
/// nothing takes back.
[[nodiscard]] Scope scope_of_try();

/// Why apply, reset, a reload or another try is refused; std::nullopt if no try is pending.
[[nodiscard]] Result<void> require_no_try(TryPort& tries, ClockPort& clock);

/// Restores the host from a try whose deadline has passed or that was given up, and removes it. The caller
/// holds the lock. If the report has failed, the try stays stored, so that another process continues.
[[nodiscard]] Result<ApplyReport>
take_back_try(Engine& engine, TryPort& tries, DeclarationMarkPort& mark, PendingTry pending);

/// A configuration that is applied until a deadline and taken back unless it is confirmed: the commands
/// `try`, `confirm` and `revert`. Each call takes the lock. Another process reverts at the deadline; see
/// docs/service.md.
class Trial {
  public:
    struct Dependencies {
        Engine& engine;
        DeclarationMarkPort& mark;
        DaemonPort& daemon;
        TryPort& tries;
        TryClockPort& deadline_process;
        ClockPort& clock;
        /// Waits for the lock; an Error if another process does not release it.
        std::function<Result<std::unique_ptr<LockPort::Guard>>()> lock;
    };
    explicit Trial(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    struct Candidate {
        DesiredState desired;
        KeptFiles files;
    };
    struct Request {
        std::string file; ///< see PendingTry
        std::chrono::milliseconds timeout{120000};
        /// Reads the candidate, under the lock; std::nullopt if it is invalid, which the function reports.
        std::function<std::optional<Candidate>()> read;
        /// Called before the first write with what a revert cannot restore.
        std::function<void(const std::vector<std::string>&)> warn;
        /// Whether the user has interrupted the command; asked before the first write.
        std::function<bool()> is_cancelled;
    };
    struct Begun {
        ApplyReport report; ///< of the candidate; `failed` if it was taken back at once
        PendingTry pending;
        std::vector<std::string> problems; ///< why it was taken back, or could not be
    };
    /// std::nullopt if the candidate is invalid. An Error if nothing was changed.
    [[nodiscard]] Result<std::optional<Begun>> begin(const Request& request);

    /// Ends the try with the candidate in force. Returns it. An Error if none is pending any more.
    [[nodiscard]] Result<PendingTry> confirm();

    /// Restores the host. An Error if nothing is pending or the restoring failed; in the latter case the
    /// process that holds the clock continues.
    [[nodiscard]] Result<ApplyReport> revert();

  private:
    [[nodiscard]] Result<PendingTry>
    prepare(const Request& request, const Candidate& candidate, const Observation& found);
    /// Applies and hands over; takes everything back if one of them fails.
    void apply_candidate(const DesiredState& candidate, const ApplyOptions& options, Begun& begun);
    /// Why the running daemon does not enforce the candidate; empty if it does, or if none runs.
    [[nodiscard]] std::vector<std::string> hand_over(const PendingTry& pending);
    [[nodiscard]] Result<ApplyReport> revert_locked(PendingTry pending);
    [[nodiscard]] Result<std::optional<DaemonReply>> daemon_that_can_try();
    void forget_prepared(const DeclarationMark& before);

    Dependencies dependencies_;
};

} // namespace keeper
