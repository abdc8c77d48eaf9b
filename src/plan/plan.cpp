#include "plan/plan.hpp"

#include <algorithm>
#include <type_traits>

#include "applications/disabling.hpp"
#include "plan/planner.hpp"

namespace keeper {

std::string_view to_string(Resource resource) {
    switch (resource) {
    case Resource::sysctl:
        return "sysctl";
    case Resource::limit:
        return "limit";
    case Resource::endpoint:
        return "endpoint";
    case Resource::profile:
        return "profile";
    case Resource::unit:
        return "unit";
    }
    return "";
}

std::string_view to_string(Impact impact) {
    switch (impact) {
    case Impact::none:
        return "none";
    case Impact::subflows_rebuilt:
        return "subflows-rebuilt";
    case Impact::connections_may_close:
        return "connections-may-close";
    }
    return "";
}

std::optional<EndpointAction> endpoint_action(const Change& change) {
    return std::visit(
        [](const auto& action) -> std::optional<EndpointAction> {
            if constexpr (std::is_constructible_v<EndpointAction, decltype(action)>) {
                return action;
            } else {
                return std::nullopt;
            }
        },
        change.action);
}

bool Plan::in_sync() const {
    return std::none_of(changes.begin(), changes.end(), [](const Change& change) {
        return change.standing == Standing::actionable || change.standing == Standing::blocked;
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
        desired, observed, ownership, scope, managed_devices(desired, observed, scope, ownership.kernel)};
    Plan plan;
    if (scope.has(Kind::sysctl)) {
        planner::plan_sysctls(input, plan);
    }
    if (scope.has(Kind::limits)) {
        planner::plan_limits(input, plan);
    }
    if (scope.has(Kind::endpoints)) {
        planner::plan_endpoints(input, plan);
    }
    if (scope.has(Kind::profiles) && !scope.boot && !scope.without_network_manager) {
        planner::plan_profiles(input, plan);
    }
    if (scope.has(Kind::applications) && !scope.boot) {
        planner::plan_units(input, plan);
    }
    if (scope.has(Kind::sysctl) && observed.programs) {
        for (std::string& sentence : broken_by_disabling(desired, *observed.programs)) {
            plan.warnings.push_back(std::move(sentence));
        }
    }
    return plan;
}

} // namespace keeper
