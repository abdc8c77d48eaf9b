// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/engine.hpp"
#include "ports/daemon_port.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/lock_port.hpp"
#include "ports/try_port.hpp"

namespace keeper {

/// The declaration in the files, and the hash that identifies it.
struct Declaration {
    DesiredState desired;
    std::string fingerprint; ///< LoadedConfig::fingerprint
};

/// What the daemon applies, even if the apply that hands over was limited to a part of it.
[[nodiscard]] const std::set<Section>& daemon_sections();

/// Whether the daemon takes over the declaration of an apply.
enum class HandOver {
    to_daemon, ///< it does
    none,      ///< it does not: another file than the daemon's was applied (`apply --config FILE`)
};

/// An apply of the files under the lock, so that the host never moves back to an older declaration: the files
/// are read, applied and taken over by the daemon before the lock is released. See docs/service.md.
class DeclaredApply {
  public:
    struct Dependencies {
        Engine& engine;
        DeclarationMarkPort& mark;
        DaemonPort& daemon;
        TryPort& tries;
        ClockPort& clock;
        /// Waits for the lock; an Error if another process does not release it.
        std::function<Result<std::unique_ptr<LockPort::Guard>>()> lock;
        /// Reads the files; std::nullopt if they are invalid, which the function reports itself.
        std::function<std::optional<Declaration>()> read;
    };
    explicit DeclaredApply(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// std::nullopt if the files are invalid: the host is unchanged. An Error if a try is pending, if a
    /// daemon would undo what is not handed over to it, or if nothing could be applied.
    [[nodiscard]] Result<std::optional<ApplyReport>> run(const ApplyOptions& options, HandOver hand_over);

  private:
    [[nodiscard]] Result<ApplyReport> apply(const Declaration& declaration, const ApplyOptions& options);
    /// Makes the daemon take the declaration over, and adds the result to `report`.
    void hand_over(const Declaration& declaration, const ApplyOptions& options, ApplyReport& report);
    /// A warning that lists the items outside the scope that the daemon is about to change; std::nullopt if
    /// there are none.
    [[nodiscard]] std::optional<std::string>
    left_to_daemon(const DesiredState& desired, const ApplyOptions& options);

    Dependencies dependencies_;
};

/// Why a command is refused that a running daemon would undo; std::nullopt if none would. `advice` says what
/// to do instead. The caller holds the lock.
[[nodiscard]] std::optional<Error> conflict_with_daemon(DaemonPort& daemon, const std::string& advice);

} // namespace keeper
