// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "engine/loading.hpp"
#include "engine/premature_endpoints.hpp"
#include "engine/repair_ledger.hpp"
#include "engine/reported_warnings.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/event_port.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// What the reconciler is doing, for status.
enum class Phase {
    idle,        ///< everything is as declared, as far as is known
    due,         ///< something changed and is to be checked
    waiting,     ///< NetworkManager does not answer; its part waits
    suspended,   ///< another declaration than the loaded one was applied
    backing_off, ///< repairs of at least one item are paused
};
[[nodiscard]] std::string_view to_string(Phase phase);

/// The reconciler's state, for status.
struct ReconcilerState {
    Phase phase = Phase::idle;
    ReconcileMode mode = ReconcileMode::enforce;
    std::uint64_t repairs = 0;
    std::vector<NamedConflict> conflicts;
    friend bool operator==(const ReconcilerState&, const ReconcilerState&) = default;
};

/// Keeps the host as declared: turns events and polls into rounds of the engine and decides when the next one
/// is due. Single-threaded; blocks only for the duration of a round.
///
/// NetworkManager is queried only after it has answered a ping, so a frozen one delays only the profiles.
class Reconciler {
  public:
    using Time = std::chrono::milliseconds; ///< of the clock port

    struct Dependencies {
        Ports ports;
        EventPort& events;
        LockPort& lock;
        Notices& notices;
        Rivals& rivals;
        DeclarationMarkPort& mark;
    };
    explicit Reconciler(const Dependencies& dependencies)
        : dependencies_(dependencies), engine_(dependencies.ports),
          ledger_(dependencies.notices, dependencies.rivals, dependencies.ports.clock) {}

    enum class Cause { start, reload, adopted };
    /// Adopts a new declaration and forgets past conflicts. In mode manual only a reload acts. `last_apply`
    /// is the number of the DeclarationMark before the files were read.
    void load(DesiredState desired, Cause cause, std::uint64_t last_apply = 0);
    /// The loaded declaration is no longer in force, and the one that is cannot be loaded: nothing is read or
    /// written until the next load().
    void suspend(std::uint64_t last_apply);
    /// Whether step() found that a command has applied another declaration than the loaded one. It has then
    /// written nothing; the caller loads the other one, or suspends.
    [[nodiscard]] bool is_superseded() const { return is_superseded_; }

    void handle(Events events);
    /// Polls and runs a round if they are due.
    void step();
    /// How long nothing is due unless an event arrives.
    [[nodiscard]] std::chrono::milliseconds time_to_next() const;

    [[nodiscard]] ReconcilerState state() const;
    /// See RepairLedger.
    [[nodiscard]] const std::deque<Repair>& last_repairs() const { return ledger_.last_repairs(); }

  private:
    /// What the kernel does not announce; std::nullopt if it could not be read.
    struct Unannounced {
        std::optional<Limits> limits;
        std::optional<std::vector<Endpoint>> endpoints; ///< without implicit ones, which come and go
    };
    [[nodiscard]] Unannounced read_unannounced();
    [[nodiscard]] bool is_manual() const;
    [[nodiscard]] bool may_act(const Scope& scope) const;

    void mark_dirty(const std::set<Section>& sections);
    void poll(Time now);
    void poll_aliased_sysctls();
    void mark_retries(Time now);
    void run_round(Time now);
    /// Called under the lock: whether the loaded declaration is still the one in force.
    [[nodiscard]] bool is_in_force();
    /// What is dirty and can be checked now; what needs NetworkManager only if that answers.
    [[nodiscard]] Scope due_scope(Time now);
    /// When the next round for what is dirty makes sense; std::nullopt if it waits for an event.
    [[nodiscard]] std::optional<Time> next_round(Time now) const;
    /// When the kernel's endpoints are checked without NetworkManager, since that does not answer.
    [[nodiscard]] std::optional<Time> network_manager_deadline() const;
    void update_premature_endpoints();
    /// False if the round could not be carried out at all.
    [[nodiscard]] bool run_apply(const Scope& scope);
    [[nodiscard]] bool run_check(const Scope& scope);
    void finish_round(const Scope& scope, Time start, const Unannounced& before);
    void warn_once(const std::string& problem);

    Dependencies dependencies_;
    Engine engine_;
    DesiredState desired_;
    Loading loading_;          ///< items that are applied because they were loaded, not because they drifted
    std::set<Section> to_act_; ///< in mode manual: what the last reload has yet to apply
    RepairLedger ledger_;
    std::set<Section> dirty_;
    bool network_manager_answers_ = false;
    std::optional<Time> ping_sent_;     ///< the answer is outstanding
    bool kernel_endpoints_due_ = false; ///< they were not checked since they became dirty
    bool lock_was_taken_ = false;
    std::uint64_t last_apply_ = 0; ///< the number of the last apply that the declaration includes
    bool is_superseded_ = false;
    bool is_suspended_ = false;
    Time next_poll_{0};
    Time next_profile_round_{0};
    Time next_try_{0}; ///< after a round that could not be carried out
    Unannounced last_seen_;
    /// Nothing was written between the last check and the read that last_seen_ is of.
    bool trusts_limits_ = false;
    bool trusts_endpoints_ = false;
    std::map<Resource, Time> retries_; ///< when the first of the paused items may be tried again
    PrematureEndpoints premature_;
    ReportedWarnings reported_warnings_;
    std::string last_problem_; ///< why the last round could not be carried out; logged once
};

} // namespace keeper
