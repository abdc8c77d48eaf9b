// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "applications/unit_states.hpp"

namespace keeper {

/// The state of a unit of `applications.never`: in effect if it has no MPTCP socket. `processes` are those
/// that may have sockets.
[[nodiscard]] UnitStatus evaluate_never(
    UnitStatus status, const std::vector<const ObservedProcess*>& processes, const ObservedUnits& host);

} // namespace keeper
