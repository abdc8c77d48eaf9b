#pragma once

#include <cstddef>
#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// One step of carrying out endpoint actions.
struct EndpointStep {
    enum class What {
        whole,        ///< the action as it is
        first_remove, ///< of a replacement only the removal: another one needs its id
        then_add,     ///< and its addition
    };
    std::size_t action = 0; ///< the action's place
    What what = What::whole;
    friend bool operator==(const EndpointStep&, const EndpointStep&) = default;
};

/// The order in which endpoint actions that come one after the other are carried out, so that each id is free
/// when an endpoint asks for it: removals and changes in place, then what asks for an id, then what takes
/// any. An endpoint is without its replacement for longer than it takes only where ids are swapped.
[[nodiscard]] std::vector<EndpointStep> order_of(const std::vector<EndpointAction>& actions);

} // namespace keeper
