#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// What became of one change.
enum class Outcome { applied, failed, deferred, unsupported, reverted };
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct AppliedChange {
    Change change;
    Outcome outcome = Outcome::applied;
    std::string error; ///< empty where there is none
    /// Of an item that failed: what was carried out before it did, and can be taken back.
    Action done = std::monostate{};
    bool was_so = false; ///< somebody else had just done it: nothing was written, nothing is ours
    bool undone = false; ///< of an item that failed: it was done, and somebody else changed it back at once
    friend bool operator==(const AppliedChange&, const AppliedChange&) = default;
};

/// What an apply did. A plain value, so that reports of it need no engine.
struct ApplyReport {
    bool changed = false;    ///< at least one write took effect and was not taken back
    bool failed = false;     ///< at least one item is not as declared, or the hand-over failed
    bool verified = false;   ///< read back, and planned again to nothing
    bool taken_back = false; ///< --atomic: one item failed, so the declaration before is in force
    std::vector<AppliedChange> changes;
    std::vector<std::string> warnings;
    /// Why the running daemon has not taken the declaration over; empty where it has, or where none runs.
    std::string hand_over_failure;
    friend bool operator==(const ApplyReport&, const ApplyReport&) = default;
};

} // namespace keeper
