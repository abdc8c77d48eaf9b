// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "plan/change.hpp"

namespace keeper {

/// One step in the execution of endpoint actions.
struct EndpointStep {
    enum class What {
        whole,        ///< the whole action
        first_remove, ///< only the removal of a replacement, because another action needs its id
        then_add,     ///< the addition that completes it
    };
    std::size_t action = 0; ///< the index of the action
    What what = What::whole;
    friend bool operator==(const EndpointStep&, const EndpointStep&) = default;
};

/// The order in which endpoint actions are carried out, so that each id is free when an endpoint needs it:
/// removals and changes in place, then additions with an id, then additions without one. Only a swap of ids
/// leaves a gap between the removal of an endpoint and its replacement.
[[nodiscard]] std::vector<EndpointStep> order_of(const std::vector<EndpointAction>& actions);

} // namespace keeper
