// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"
#include "model/ownership.hpp"
#include "plan/change.hpp"
#include "plan/scope.hpp"

namespace keeper {

/// Parts of the observed state that are expensive to read and that most plans do not depend on.
struct OnDemand {
    bool connections = false;
    bool rp_filter = false;
    friend bool operator==(const OnDemand&, const OnDemand&) = default;
};

/// The changes that bring a host in line with the configuration, in the order in which they are carried out.
struct Plan {
    std::vector<Change> changes;
    std::vector<std::string> warnings;
    /// What could change this plan. If such a part was not read yet, it must be read and the plan made again.
    OnDemand depends_on = {};
    /// Compares what the plan says, not what it was made from.
    friend bool operator==(const Plan& one, const Plan& other) {
        return one.changes == other.changes && one.warnings == other.warnings;
    }

    /// No change is actionable or blocked; deferred and unsupported items count as in sync.
    [[nodiscard]] bool in_sync() const;
    /// Profiles are declared, but NetworkManager could not be read, so their state is unknown.
    [[nodiscard]] bool is_blind() const;
};

/// The function behind diff, dry run, apply, drift detection and verification: the difference between the
/// desired and the observed state, limited to what the keeper may change. Pure.
[[nodiscard]] Plan make_plan(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Scope& scope);

} // namespace keeper
