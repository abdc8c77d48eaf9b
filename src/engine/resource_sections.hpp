// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>

#include "plan/apply_report.hpp"
#include "plan/plan.hpp"

namespace keeper {

/// What must be read for an item of that resource. Endpoints and profiles go together, since NetworkManager
/// creates endpoints from profiles.
[[nodiscard]] const std::set<Section>& sections_of(Resource resource);

/// Whether an observation of that scope covers items of that resource.
[[nodiscard]] bool covers(const Scope& scope, Resource resource);

/// Whether a round of that scope finds out for every item of that resource if it is as declared. Unlike
/// covers(), false for profiles if the round ran without NetworkManager.
[[nodiscard]] bool decides(const Scope& scope, Resource resource);

/// Whether that apply could not read the declared profiles from NetworkManager.
[[nodiscard]] bool lacks_profiles(const ApplyReport& report);

} // namespace keeper
