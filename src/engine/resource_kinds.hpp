#pragma once

#include <set>

#include "plan/plan.hpp"

namespace keeper {

/// What must be looked at for an item of that resource. Endpoints and profiles go together: NetworkManager
/// makes the ones of the others.
[[nodiscard]] const std::set<Kind>& kinds_of(Resource resource);

/// Whether a look at that scope tells something about items of that resource.
[[nodiscard]] bool covers(const Scope& scope, Resource resource);

} // namespace keeper
