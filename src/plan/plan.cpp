// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/plan.hpp"

#include <algorithm>

#include "applications/disabling.hpp"
#include "plan/learned_bounds.hpp"
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

namespace {

/// Whether an endpoint that was tried too early may have to be tried again: that depends on which connections
/// lack it.
bool may_be_tried_again(const planner::Input& input) {
    const auto& keys = input.scope.tried_too_early;
    return std::any_of(keys.begin(), keys.end(), [&](const SocketAddress& key) {
        const Endpoint* endpoint = find_endpoint(input.observed, key);
        return endpoint != nullptr && planner::may_be_tried_again(input, *endpoint);
    });
}

/// Whether the change's impact, note or means depends on the live connections.
bool depends_on_connections(const Change& change) {
    if (change.resource != Resource::endpoint && change.resource != Resource::profile) {
        return false;
    }
    const auto* profile = std::get_if<ChangeProfile>(&change.action);
    // A backup flag disturbs nothing, but before a reapply it is only set for addresses in use.
    const bool edits =
        profile != nullptr &&
        std::any_of(profile->devices.begin(), profile->devices.end(), [](const LiveDevice& device) {
            return device.reapply &&
                   std::any_of(
                       device.endpoints.begin(), device.endpoints.end(), [](const EndpointAction& action) {
                           return std::holds_alternative<SetEndpointFlags>(action);
                       });
        });
    return change.impact != Impact::none || edits;
}

} // namespace

Plan make_plan(
    const DesiredState& desired,
    const ObservedState& observed,
    const Ownership& ownership,
    const Scope& scope) {
    planner::Input input{
        .desired = desired,
        .observed = observed,
        .ownership = ownership,
        .scope = scope,
        .devices = managed_devices(desired, observed, scope, ownership.kernel),
        .dropped_flags = dropped_flags(observed, ownership)};
    input.exceeds_table = planner::exceeds_table(input);
    Plan plan;
    std::vector<Change> hook;
    if (scope.has(Section::program_hook)) {
        hook = planner::plan_program_hook(input);
    }
    // The program must not turn sockets while net.mptcp.enabled is 0: it is detached before MPTCP is switched
    // off, and attached after MPTCP is switched on.
    const bool is_detached = !declares_program_hook(desired);
    if (is_detached) {
        plan.changes = std::move(hook);
    }
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
    if (!is_detached) {
        plan.changes.insert(plan.changes.end(), hook.begin(), hook.end());
    }
    if (scope.has(Section::units) && !scope.boot) {
        planner::plan_units(input, plan);
    }
    if (scope.has(Section::sysctl) && observed.programs) {
        for (std::string& warning : broken_by_disabling(desired, *observed.programs)) {
            plan.warnings.push_back(std::move(warning));
        }
    }
    // Impacts are assumed for unknown connections, so this never misses a change.
    plan.depends_on.connections =
        may_be_tried_again(input) ||
        std::any_of(plan.changes.begin(), plan.changes.end(), depends_on_connections);
    return plan;
}

} // namespace keeper
