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

/// The changes that bring a host in line with the configuration, in the order in which they are carried out.
struct Plan {
    std::vector<Change> changes;
    std::vector<std::string> warnings;
    friend bool operator==(const Plan&, const Plan&) = default;

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
