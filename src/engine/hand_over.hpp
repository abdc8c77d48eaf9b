#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "ports/daemon_port.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// What the files declare, and what distinguishes them from other files.
struct Declaration {
    DesiredState desired;
    std::string fingerprint; ///< LoadedConfig::fingerprint
};

/// What the daemon applies by itself, whatever part of it an apply was limited to.
[[nodiscard]] const std::set<Kind>& kinds_of_daemon();

/// What becomes of the daemon's declaration at an apply.
enum class HandOver {
    to_daemon, ///< it takes over what was applied
    none,      ///< what was applied is not what the daemon's files declare (`apply --config FILE`)
};

/// An apply of the files from the lock to its release, so that the host never moves back to an older
/// declaration: the files are read under the lock, applied, and taken over by the daemon before the lock is
/// free. See docs/architecture.md.
class DeclaredApply {
  public:
    struct Surroundings {
        Engine& engine;
        DeclarationMarkPort& mark;
        DaemonPort& daemon;
        /// Waits for the lock; an Error where another run does not end.
        std::function<Result<std::unique_ptr<LockPort::Guard>>()> lock;
        /// Reads the files; nothing where they are invalid, which the function reports itself.
        std::function<std::optional<Declaration>()> read;
    };
    explicit DeclaredApply(Surroundings surroundings) : outside_(std::move(surroundings)) {}

    /// Nothing where the files are invalid: the host is as it was. An Error where a daemon would undo what is
    /// not handed over to it, and where nothing could be applied.
    [[nodiscard]] Result<std::optional<ApplyReport>> run(const ApplyOptions& options, HandOver hand_over);

  private:
    [[nodiscard]] Result<ApplyReport> apply(const Declaration& declaration, const ApplyOptions& options);
    /// Makes the daemon take the declaration over, and reports in `report` what came of it.
    void hand_over(const Declaration& declaration, const ApplyOptions& options, ApplyReport& report);
    /// The items outside of the scope that the daemon is about to change, as a warning; nothing where there
    /// are none.
    [[nodiscard]] std::optional<std::string>
    left_to_daemon(const DesiredState& desired, const ApplyOptions& options);

    Surroundings outside_;
};

/// Why a command that the daemon would undo is refused; nothing where no daemon would. The caller holds the
/// lock.
[[nodiscard]] std::optional<Error> refusal_beside_daemon(DaemonPort& daemon, const std::string& advice);

} // namespace keeper
