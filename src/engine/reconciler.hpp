#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine/loading.hpp"
#include "engine/premature_endpoints.hpp"
#include "engine/repair_accounts.hpp"
#include "engine/told_warnings.hpp"
#include "ports/declaration_mark_port.hpp"
#include "ports/event_port.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// What the reconciler is about, for a person who asks.
enum class Phase {
    idle,        ///< all is as declared, as far as anybody knows
    due,         ///< something changed, and a look at it is due
    waiting,     ///< NetworkManager does not answer; its part waits
    suspended,   ///< another declaration was applied than the one that was loaded
    backing_off, ///< at least one item rests
};
[[nodiscard]] std::string_view to_string(Phase phase);

/// The reconciler's account of itself.
struct ReconcilerState {
    Phase phase = Phase::idle;
    ReconcileMode mode = ReconcileMode::enforce;
    std::uint64_t repairs = 0;
    std::vector<NamedConflict> conflicts;
    friend bool operator==(const ReconcilerState&, const ReconcilerState&) = default;
};

/// Keeps the host as declared: turns events and polls into rounds of the engine, at most one at a time, and
/// decides when the next one is due. Single-threaded; never waits by itself, but for what a round of the
/// engine takes.
///
/// NetworkManager is asked only after it has answered a ping: one that is frozen holds up nothing but the
/// profiles.
class Reconciler {
  public:
    using Time = std::chrono::milliseconds; ///< of the clock port

    struct Surroundings {
        Ports ports;
        EventPort& events;
        LockPort& lock;
        Notices& notices;
        Rivals& rivals;
        DeclarationMarkPort& mark;
    };
    explicit Reconciler(const Surroundings& surroundings)
        : outside_(surroundings), engine_(surroundings.ports),
          accounts_(surroundings.notices, surroundings.rivals) {}

    enum class Cause { start, reload, adopted };
    /// Takes a new declaration and forgets past conflicts. In mode manual only a reload acts. `last_apply` is
    /// the number of the DeclarationMark as of before the files were read.
    void load(DesiredState desired, Cause cause, std::uint64_t last_apply = 0);
    /// What was loaded is no longer in force, and what is cannot be loaded: nothing is read or written until
    /// the next load().
    void suspend(std::uint64_t last_apply);
    /// Whether step() found that a command has applied another declaration than the one that was loaded. It
    /// has then written nothing; the caller loads that one, or suspends.
    [[nodiscard]] bool is_superseded() const { return is_superseded_; }

    void take(Events events);
    /// Does what is due, if anything.
    void step();
    /// How long nothing will be due, unless there is an event.
    [[nodiscard]] std::chrono::milliseconds time_to_next() const;

    [[nodiscard]] ReconcilerState state() const;
    /// See RepairAccounts.
    [[nodiscard]] const std::deque<Repair>& last_repairs() const { return accounts_.last_repairs(); }

  private:
    /// What the kernel does not announce. Nothing where it could not be read.
    struct Unannounced {
        std::optional<Limits> limits;
        std::optional<std::vector<Endpoint>> endpoints; ///< without implicit ones, which come and go
    };
    [[nodiscard]] Unannounced read_unannounced();
    [[nodiscard]] bool is_manual() const;
    [[nodiscard]] bool may_act(const Scope& scope) const;

    void mark(const std::set<Kind>& kinds);
    void poll(Time now);
    void poll_aliased_sysctls();
    void mark_retries(Time now);
    void run_round(Time now);
    /// Called under the lock: whether the loaded declaration is still the one in force.
    [[nodiscard]] bool is_in_force();
    /// What is dirty and can be looked at now: what needs NetworkManager only while that answers.
    [[nodiscard]] Scope due_scope(Time now);
    /// When the next try of what is dirty makes sense; nothing where only an event can tell.
    [[nodiscard]] std::optional<Time> next_round(Time now) const;
    /// When NetworkManager has kept silent for so long that the kernel's endpoints are looked after without.
    [[nodiscard]] std::optional<Time> end_of_patience() const;
    void watch_addresses();
    /// Whether the round could be carried out at all.
    [[nodiscard]] bool run_acting(const Scope& scope);
    [[nodiscard]] bool run_looking(const Scope& scope);
    void finish_round(const Scope& scope, Time start, const Unannounced& before);
    void tell_once(const std::string& trouble);
    Surroundings outside_;
    Engine engine_;
    DesiredState desired_;
    Loading loading_;       ///< what is applied because it was loaded, and is no drift
    std::set<Kind> to_act_; ///< in mode manual: what the last reload has yet to apply
    RepairAccounts accounts_;
    std::set<Kind> dirty_;
    bool network_manager_answers_ = false;
    std::optional<Time> ping_sent_;     ///< the answer is still out
    bool kernel_endpoints_due_ = false; ///< they were not looked at since they became dirty
    bool lock_was_taken_ = false;
    std::uint64_t last_apply_ =
        0; ///< the number of the last apply of a command that the declaration includes
    bool is_superseded_ = false;
    bool is_suspended_ = false;
    Time next_poll_{0};
    Time next_profile_round_{0};
    Time next_try_{0}; ///< after a round that could not be carried out
    Unannounced last_seen_;
    /// Nobody wrote between the last look at it and the moment that last_seen_ is of.
    bool trusts_limits_ = false;
    bool trusts_endpoints_ = false;
    std::map<Resource, Time> retries_; ///< when the first of the resting items may be tried again
    PrematureEndpoints premature_;
    ToldWarnings told_warnings_;
    std::string trouble_; ///< why the last round could not be carried out; told once
};

} // namespace keeper
