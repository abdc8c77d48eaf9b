#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/drift_history.hpp"
#include "engine/notices.hpp"
#include "engine/rivals.hpp"
#include "plan/apply_report.hpp"

namespace keeper {

/// A repair that was made.
struct Repair {
    std::uint64_t number = 0; ///< from 1 on
    Change change;
    std::chrono::system_clock::time_point time;
    friend bool operator==(const Repair&, const Repair&) = default;
};

/// An item that rests, and with whom it is disputed.
struct NamedConflict {
    Conflict conflict;
    std::string rival;
    friend bool operator==(const NamedConflict&, const NamedConflict&) = default;
};

/// Keeps the books of what rounds found and did: counts repairs, remembers what was said, so that nothing is
/// said twice, and decides what rests for how long.
class RepairAccounts {
  public:
    using Time = DriftHistory::Time;
    using IsLoading = std::function<bool(const Change&)>;
    /// Whether a round could not ask NetworkManager for the declared profiles.
    enum class IsBlind { no, yes };

    RepairAccounts(Notices& notices, Rivals& rivals) : notices_(notices), rival_finder_(rivals) {}

    /// A round that acted. What `is_loading` says yes to was applied because it was loaded: no drift.
    void applied(const ApplyReport& report, const Scope& scope, Time now, const IsLoading& is_loading);
    /// A round that only looked: each drift is told once, and again after it was in sync meanwhile.
    void looked(const Plan& plan, const Scope& scope);
    /// After a load: all begins anew, but for the count of repairs.
    void forget();
    /// NetworkManager came or went: see DriftHistory.
    void start_anew_with_network_manager() {
        history_.forget_failures();
        history_.forget_network_managers();
    }
    [[nodiscard]] bool may_repair(const Change& change, Time now) const;
    [[nodiscard]] std::map<Resource, Time> next_tries(Time now) const { return history_.next_tries(now); }

    [[nodiscard]] std::uint64_t repairs() const { return repairs_; }
    /// The last repairs, the latest at the end: as many as a host with all its profiles drifted needs at
    /// once.
    [[nodiscard]] const std::deque<Repair>& last_repairs() const { return last_repairs_; }
    static constexpr std::size_t most_remembered = 256;
    [[nodiscard]] std::vector<NamedConflict> conflicts(Time now) const;

  private:
    /// A drift or failure that has ended is logged again when it comes back. `open`: the items that are not
    /// as declared.
    void forget_ended(const std::set<Item>& open, const Scope& scope, IsBlind is_blind);
    void add_repair(const Change& change, Time now);
    void add_contest(const Change& change, Time now);
    void add_failure(const Change& change, const std::string& reason, Time now);

    Notices& notices_;
    Rivals& rival_finder_;
    DriftHistory history_;
    std::map<Item, std::string> told_; ///< the drift or failure that was told and lasts
    std::map<Item, std::string> rivals_;
    std::uint64_t repairs_ = 0;
    std::deque<Repair> last_repairs_;
};

} // namespace keeper
