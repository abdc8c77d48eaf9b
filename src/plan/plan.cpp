// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/plan.hpp"

#include <algorithm>

#include "applications/disabling.hpp"
#include "plan/planner.hpp"

namespace keeper {

bool Plan::in_sync() const {
    return std::all_of(changes.begin(), changes.end(), [](const Change& change) {
        return is_in_sync(change.actionability);
    });
}

bool Plan::is_blind() const {
    return std::any_of(changes.begin(), changes.end(), [](const Change& change) {
        return change.resource == Resource::profile && change.key == all_profiles;
    });
}

Plan make_plan(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Scope& scope) {
    const planner::Input input{
        .desired = desired,
        .observed = observed,
        .ownership = ownership,
        .scope = scope,
        .devices = managed_devices(desired, observed, scope, ownership.kernel)};
    Plan plan;
    if (scope.has(Section::sysctl)) {
        planner::plan_sysctls(input, plan);
    }
    if (scope.has(Section::limits)) {
        planner::plan_limits(input, plan);
    }
    if (scope.has(Section::endpoints)) {
        planner::plan_endpoints(input, plan);
    }
    if (scope.has(Section::profiles) && !scope.boot && !scope.without_network_manager) {
        planner::plan_profiles(input, plan);
    }
    if (scope.has(Section::applications) && !scope.boot) {
        planner::plan_units(input, plan);
    }
    if (scope.has(Section::sysctl) && observed.programs) {
        for (std::string& warning : broken_by_disabling(desired, *observed.programs)) {
            plan.warnings.push_back(std::move(warning));
        }
    }
    return plan;
}

} // namespace keeper
