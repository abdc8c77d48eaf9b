// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plan/change.hpp"

namespace keeper {

/// The result of one change.
enum class Outcome { applied, failed, deferred, unsupported, reverted };
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct AppliedChange {
    Change change;
    Outcome outcome = Outcome::applied;
    std::string error; ///< empty if there is none
    /// Of an item that failed: the part that was carried out before it failed and can be reverted.
    Action done = std::monostate{};
    /// Another program had just done it: nothing was written, and nothing is owned.
    bool was_already_done = false;
    bool failed_before =
        false;           ///< of a unit: it failed already before this run, which is not reverted for it
    bool undone = false; ///< of an item that failed: it was written, but another program reverted it at once
    friend bool operator==(const AppliedChange&, const AppliedChange&) = default;
};

/// The result of an apply. A plain value, so that reports do not depend on the engine.
struct ApplyReport {
    bool changed = false;  ///< at least one write took effect and was not reverted
    bool failed = false;   ///< at least one item is not as declared, or the hand-over failed
    bool verified = false; ///< the host was read again, and the plan was empty
    bool reverted = false; ///< --atomic: an item failed, so the previous declaration is in force
    std::vector<AppliedChange> changes;
    std::vector<std::string> warnings;
    /// Why the running daemon has not taken over the declaration; empty if it has, or if none is running.
    std::string hand_over_failure;
    friend bool operator==(const ApplyReport&, const ApplyReport&) = default;
};

/// Adds warnings about what NetworkManager changed in addition, which the last plan no longer mentions.
void add_side_effects(ApplyReport& report);

} // namespace keeper
