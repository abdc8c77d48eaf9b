#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/drift_history.hpp"
#include "engine/engine.hpp"
#include "engine/notices.hpp"
#include "engine/rivals.hpp"
#include "ports/event_port.hpp"
#include "ports/lock_port.hpp"

namespace keeper {

/// What the reconciler is about, for a person who asks.
enum class Phase {
    idle,        ///< all is as declared, as far as anybody knows
    due,         ///< something changed, and a look at it is due
    waiting,     ///< NetworkManager does not answer; its part waits
    backing_off, ///< at least one item rests
};
[[nodiscard]] std::string_view to_string(Phase phase);

/// The reconciler's account of itself.
struct ReconcilerState {
    Phase phase = Phase::idle;
    ReconcileMode mode = ReconcileMode::enforce;
    std::uint64_t repairs = 0;
    struct Repair {
        Change change;
        std::chrono::system_clock::time_point time;
        friend bool operator==(const Repair&, const Repair&) = default;
    };
    std::optional<Repair> last_repair;
    struct NamedConflict {
        Conflict conflict;
        std::string rival;
        friend bool operator==(const NamedConflict&, const NamedConflict&) = default;
    };
    std::vector<NamedConflict> conflicts;
    friend bool operator==(const ReconcilerState&, const ReconcilerState&) = default;
};

/// Keeps the host as declared: turns events and polls into rounds of the engine, at most one at a time, and
/// decides when the next one is due. Single-threaded; never waits by itself, but for what a round of the
/// engine takes.
class Reconciler {
  public:
    using Time = std::chrono::milliseconds; ///< of the clock port

    struct Surroundings {
        Ports ports;
        EventPort& events;
        LockPort& lock;
        Notices& notices;
        Rivals& rivals;
    };
    explicit Reconciler(const Surroundings& surroundings)
        : outside_(surroundings), engine_(surroundings.ports) {}

    enum class Cause { start, reload, adopted };
    /// Takes a new declaration and forgets past conflicts. In mode manual only a reload acts.
    void load(DesiredState desired, Cause cause);

    void take(Events events);
    /// Does what is due, if anything.
    void step();
    /// How long nothing will be due, unless there is an event.
    [[nodiscard]] std::chrono::milliseconds time_to_next() const;

    [[nodiscard]] ReconcilerState state() const;

  private:
    /// What the kernel does not announce, as it was after the last round.
    struct Unannounced {
        std::optional<Limits> limits;
        std::vector<Endpoint> endpoints;
        friend bool operator==(const Unannounced&, const Unannounced&) = default;
    };
    [[nodiscard]] Unannounced read_unannounced();
    [[nodiscard]] bool declares_profiles() const;
    [[nodiscard]] bool may_act() const;

    void mark(std::initializer_list<Kind> kinds);
    void poll();
    void run_round();
    /// What is dirty and can be looked at now: what needs NetworkManager only while that answers.
    [[nodiscard]] Scope due_scope(Time now);
    [[nodiscard]] bool asks_network_manager(const Scope& scope) const;
    /// Remembers endpoints whose address is not there or not usable yet.
    void watch_addresses();
    void run_acting(const Scope& scope);
    void run_looking(const Scope& scope);
    void account(const ApplyReport& report);
    void account_repair(const Change& change);
    void account_failure(const Change& change, const std::string& reason);

    Surroundings outside_;
    Engine engine_;
    DesiredState desired_;
    bool loading_ = false; ///< the next round applies what was loaded: nothing in it is drift
    DriftHistory history_;
    std::set<Kind> dirty_;
    bool network_manager_answers_ = false;
    bool ping_is_out_ = false;
    Time next_poll_{0};
    Time next_profile_round_{0};
    Unannounced last_seen_;
    std::uint64_t repairs_ = 0;
    std::optional<ReconcilerState::Repair> last_repair_;
    std::map<Item, std::string> rivals_;
    std::optional<Time> retry_at_; ///< when the first of the resting items may be tried again
    std::set<EndpointKey> tried_too_early_;
    std::map<Item, std::string> told_; ///< what was told already, and needs no second line
};

} // namespace keeper
