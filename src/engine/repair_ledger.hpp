// SPDX-License-Identifier: LGPL-2.1-or-later
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
#include "ports/clock_port.hpp"

namespace keeper {

/// A repair that was made.
struct Repair {
    std::uint64_t number = 0; ///< counted from 1
    Change change;
    std::chrono::system_clock::time_point time;
    friend bool operator==(const Repair&, const Repair&) = default;
};

/// A paused item and the program that keeps changing it.
struct NamedConflict {
    Conflict conflict;
    std::string rival;
    friend bool operator==(const NamedConflict&, const NamedConflict&) = default;
};

/// Records what rounds found and did: counts repairs, logs each drift and failure once, and decides which
/// items are paused and for how long.
class RepairLedger {
  public:
    using Time = DriftHistory::Time;
    using IsLoading = std::function<bool(const Change&)>;

    RepairLedger(Notices& notices, Rivals& rivals, ClockPort& clock)
        : notices_(notices), rival_finder_(rivals), clock_(clock) {}

    /// A round that applied. Changes for which `is_loading` returns true were newly loaded and are not drift.
    void record_apply(const ApplyReport& report, const Scope& scope, Time now, const IsLoading& is_loading);
    /// A round that only checked: logs each drift once, and again if it comes back after being in sync.
    void record_check(const Plan& plan, const Scope& scope);
    /// After a load: forgets everything but the repairs.
    void forget();
    /// NetworkManager started or stopped: see DriftHistory.
    void handle_network_manager_change() {
        history_.forget_failures();
        history_.forget_network_manager_items();
    }
    [[nodiscard]] bool may_repair(const Change& change, Time now) const;
    [[nodiscard]] std::map<Resource, Time> next_tries(Time now) const { return history_.next_tries(now); }

    [[nodiscard]] std::uint64_t repairs() const { return repairs_; }
    /// A resource that is missing has none.
    [[nodiscard]] const std::map<Resource, std::uint64_t>& repairs_of() const { return repairs_of_; }
    /// The last repairs, oldest first: enough for a host on which all profiles drift at once.
    [[nodiscard]] const std::deque<Repair>& last_repairs() const { return last_repairs_; }
    static constexpr std::size_t most_remembered = 256;
    [[nodiscard]] std::vector<NamedConflict> conflicts(Time now) const;

  private:
    /// Whether a round could read the declared profiles from NetworkManager.
    enum class Profiles { unread, read };

    /// Forgets drifts and failures that are over, so that they are logged again if they come back. `open`:
    /// the items that are not as declared.
    void forget_resolved(const std::set<Item>& open, const Scope& scope, Profiles profiles);
    void record_repair(const Change& change, Time now);
    /// Counts a repair of the item, whether it lasted or was undone before the round was over, and logs the
    /// start of a pause.
    void count_repair(const Change& change, Time now);
    void record_failure(const Change& change, const std::string& reason, Time now);

    Notices& notices_;
    Rivals& rival_finder_;
    ClockPort& clock_;
    DriftHistory history_;
    std::map<Item, std::string> reported_; ///< "drift" or the reason of the failure that was logged and lasts
    std::map<Item, std::string> rivals_;
    std::uint64_t repairs_ = 0;
    std::map<Resource, std::uint64_t> repairs_of_;
    std::deque<Repair> last_repairs_;
};

} // namespace keeper
