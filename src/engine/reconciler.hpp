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
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "engine/glance_schedule.hpp"
#include "engine/last_observation.hpp"
#include "engine/loading.hpp"
#include "engine/premature_endpoints.hpp"
#include "engine/repair_ledger.hpp"
#include "engine/reported_warnings.hpp"
#include "model/round_result.hpp"
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

/// A running NetworkManager answers within some milliseconds. Without its answer, one of its endpoints may be
/// mistaken for another program's.
inline constexpr std::chrono::milliseconds network_manager_patience{200};

/// The reconciler's state, for status.
struct ReconcilerState {
    Phase phase = Phase::idle;
    ReconcileMode mode = ReconcileMode::enforce;
    std::uint64_t repairs = 0;
    std::map<Resource, std::uint64_t> repairs_of = {}; ///< a resource that is missing has none
    std::optional<RoundResult> last_apply = {};        ///< the last round that applied or verified
    std::vector<NamedConflict> conflicts;
    friend bool operator==(const ReconcilerState&, const ReconcilerState&) = default;
};

/// The whole host, compared with the declaration without changing anything.
struct Survey {
    Observation found;
    Plan plan;
    /// Whether the host is in sync; std::nullopt if it depends on a NetworkManager that does not answer.
    std::optional<bool> in_sync;
    std::chrono::system_clock::time_point time;
};

/// Keeps the host as declared: turns events and polls into rounds of the engine and decides when the next one
/// is due. Single-threaded; blocks only for the duration of a round.
///
/// The cost follows the change. A change of a link that no item depends on is ignored. A change in
/// NetworkManager leads to a glance, which reads only what was announced, and to a round only if that
/// matters. A round reads again only what has changed in NetworkManager. Everything is read at start, on a
/// reload, after lost events and at an interval; see docs/service.md.
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
        /// How often everything is read again. Bounds how long a change may remain unnoticed that neither the
        /// kernel nor NetworkManager announces and that the poll does not see.
        std::chrono::milliseconds full_look_interval = std::chrono::minutes(10);
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

    /// Cheap for a change that concerns no item: then nothing becomes due.
    void handle(const Wakeup& wakeup);
    /// Polls, takes a glance and runs a round if they are due.
    void step();
    /// How long nothing is due unless an event arrives.
    [[nodiscard]] std::chrono::milliseconds time_to_next() const;

    /// NetworkManager was pinged and has not answered.
    [[nodiscard]] bool waits_for_network_manager() const { return ping_sent_.has_value(); }

    [[nodiscard]] ReconcilerState state() const;
    /// The declaration that is in force, or was before suspend().
    [[nodiscard]] const DesiredState& desired() const { return desired_; }

    /// Asks for a survey in one of the next steps, in any mode. Units are not part of it.
    void request_survey(Look::Connections connections);
    /// The survey that was asked for, once; std::nullopt until it was made. None is made while suspended.
    [[nodiscard]] std::optional<Survey> take_survey() { return std::exchange(survey_, std::nullopt); }
    /// How many rounds were carried out. Each may have changed what a survey shows.
    [[nodiscard]] std::uint64_t rounds() const { return rounds_; }
    /// See RepairLedger.
    [[nodiscard]] const std::deque<Repair>& last_repairs() const { return ledger_.last_repairs(); }

  private:
    /// What the kernel does not announce; std::nullopt if it could not be read.
    struct Unannounced {
        std::optional<Limits> limits;
        std::optional<std::vector<Endpoint>> endpoints; ///< without implicit ones, which come and go
    };
    [[nodiscard]] static Unannounced unannounced_part(const ObservedState& state);
    [[nodiscard]] Unannounced read_unannounced();
    [[nodiscard]] std::optional<std::vector<Endpoint>> read_endpoints();
    /// The devices of endpoints that have changed may run other flags.
    void suspect_devices_of(
        const std::optional<std::vector<Endpoint>>& before,
        const std::optional<std::vector<Endpoint>>& after);
    [[nodiscard]] bool is_manual() const;
    [[nodiscard]] bool may_act(const Scope& scope) const;

    void mark_dirty(const std::set<Section>& sections);
    void poll(Time now);
    void poll_aliased_sysctls();
    void poll_program_hook();
    void mark_retries(Time now);
    [[nodiscard]] bool has_dirty_profile_part() const;
    void ping_once(Time now);
    /// NetworkManager was used since `start`: it gets a pause.
    void pause_network_manager(Time start);
    [[nodiscard]] std::optional<Time> next_glance(Time now) const;
    void glance();
    void run_round(Time now);
    /// Whether the round could be carried out.
    [[nodiscard]] bool run_round_under_lock(Scope scope, Time now);
    [[nodiscard]] Look next_look() const;
    /// Called under the lock: whether the loaded declaration is still the one in force.
    [[nodiscard]] bool is_in_force();
    /// The record, as far as due_scope() needs it; std::nullopt if it cannot be read. Reads the file only if
    /// no round has read it.
    [[nodiscard]] std::optional<Ownership> known_record();
    /// What is dirty and can be checked now; what needs NetworkManager only if that answers.
    [[nodiscard]] Scope due_scope(Time now);
    /// When the next round for what is dirty makes sense; std::nullopt if it waits for an event.
    [[nodiscard]] std::optional<Time> next_round(Time now) const;
    /// When the kernel's endpoints are checked without NetworkManager, since that does not answer.
    [[nodiscard]] std::optional<Time> network_manager_deadline() const;
    /// Returns what the last plan saw; std::nullopt if the round could not be carried out at all.
    [[nodiscard]] std::optional<Observation> run_apply(const Scope& scope, Observation found);
    [[nodiscard]] Observation run_check(const Scope& scope, Observation found);
    void finish_round(const Scope& scope, Time start, const Unannounced& before, const Observation& last);
    void remember(const Scope& scope, const Unannounced& before, const Observation& last);
    void warn_once(const std::string& problem);
    void survey(Time now);
    void survey_under_lock();
    [[nodiscard]] std::optional<Time> next_survey(Time now) const;

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
    GlanceSchedule glances_;
    LastObservation last_;
    bool reads_everything_ = true;             ///< the next round cannot rely on the last observation
    bool suspects_all_devices_ = false;        ///< any device may run other flags than observed
    std::set<Ifindex> suspected_devices_ = {}; ///< these may
    Time next_full_look_{0};
    Time next_poll_{0};
    Time next_profile_round_{0};
    Time next_try_{0}; ///< after a round that could not be carried out
    Unannounced last_seen_;
    std::optional<ObservedProgramHook> last_hook_; ///< as the last round saw it
    /// Nothing was written between the last check and the read that last_seen_ is of.
    bool trusts_limits_ = false;
    bool trusts_endpoints_ = false;
    std::map<Resource, Time> retries_; ///< when the first of the paused items may be tried again
    PrematureEndpoints premature_;
    ReportedWarnings reported_warnings_;
    std::uint64_t rounds_ = 0;
    std::optional<RoundResult> last_apply_result_;
    std::optional<Look::Connections> requested_survey_;
    Time next_survey_try_{0};
    bool survey_knows_network_manager_ = false; ///< a survey has read it since it started
    std::optional<Survey> survey_;
    std::string last_problem_; ///< why the last round could not be carried out; logged once
};

} // namespace keeper
