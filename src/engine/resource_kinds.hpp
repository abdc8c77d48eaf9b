#pragma once

#include <set>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// What must be looked at for an item of that resource. Endpoints and profiles go together: NetworkManager
/// makes the ones of the others.
[[nodiscard]] const std::set<Kind>& kinds_of(Resource resource);

/// Whether a look at that scope tells something about items of that resource.
[[nodiscard]] bool covers(const Scope& scope, Resource resource);

/// Whether a round of that scope decides of every item of that resource whether it is as declared. Unlike
/// covers(), it says no of profiles where a round had to do without NetworkManager.
[[nodiscard]] bool decides(const Scope& scope, Resource resource);

/// Whether that apply could not ask NetworkManager for the declared profiles, so that it knows of none.
[[nodiscard]] bool names_no_profile(const ApplyReport& report);

} // namespace keeper
