// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/observer.hpp"

#include <algorithm>

#include "applications/disabling.hpp"
#include "applications/unit_states.hpp"

namespace keeper {

namespace {

/// Converts a port's result; an error becomes a warning and the reason why that part is unknown.
template <class T>
Observed<T> observed_or_warn(Result<T> result, const char* what, std::vector<std::string>& warnings) {
    if (result) {
        return std::move(*result);
    }
    warnings.push_back(std::string(what) + " could not be read: " + result.error().message);
    return Observed<T>::unknown(warnings.back());
}

void observe_path_manager(const Ports& ports, Observation& observation) {
    ObservedState& state = observation.state;
    state.limits =
        observed_or_warn(ports.path_manager.limits(), "the path manager's limits", observation.warnings);
    state.endpoints = observed_or_warn(
        ports.path_manager.endpoints(), "the path manager's endpoints", observation.warnings);
}

/// A kernel without MPTCP is known to have neither sysctls nor endpoints. After any other failure they are
/// unknown.
void observe_sysctls(const Ports& ports, Observation& observation) {
    ObservedState& state = observation.state;
    auto sysctls = ports.sysctls.read_all();
    state.mptcp_supported = sysctls || sysctls.error().kind != ErrorKind::unavailable;
    if (sysctls) {
        state.sysctls = std::move(*sysctls);
        return;
    }
    observation.warnings.push_back(sysctls.error().message);
    if (state.mptcp_supported) {
        state.sysctls = decltype(state.sysctls)::unknown(sysctls.error().message);
    } else {
        state.sysctls = std::map<std::string, std::string>{};
        state.endpoints = std::vector<Endpoint>{};
    }
}

void observe_network_manager(const Ports& ports, const Look& look, ObservedState& state) {
    auto found = look.profiles == Look::Profiles::all ? ports.profiles.snapshot()
                                                      : ports.profiles.refresh(look.devices);
    if (found) {
        state.network_manager = std::move(*found);
    } else {
        state.network_manager_error = found.error().message;
        state.network_manager_is_absent = found.error().kind == ErrorKind::unavailable;
    }
}

void observe_connections(const Ports& ports, Observation& observation) {
    observation.state.connections =
        observed_or_warn(ports.connections.connections(), "the live connections", observation.warnings);
    observation.was_read.connections = true;
}

void observe_rp_filter(const Ports& ports, Observation& observation) {
    observation.was_read.rp_filter = true;
    if (!observation.state.network_manager) {
        return;
    }
    std::vector<std::string> interfaces;
    for (const Profile& profile : observation.state.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            interfaces.push_back(activation.interface);
        }
    }
    observation.state.rp_filter = ports.links.rp_filters(interfaces);
}

} // namespace

Observation observe_host(const Ports& ports, const Scope& scope, const Look& look, Ownership ownership) {
    Observation observation;
    observation.ownership = std::move(ownership);
    ObservedState& state = observation.state;
    state.kernel_release = ports.kernel_release;
    observe_sysctls(ports, observation);
    const bool needs_endpoints = scope.has(Section::endpoints) || scope.has(Section::profiles);
    // NetworkManager first, so that an address or endpoint that it is just changing is read after the change.
    if (needs_endpoints && !scope.boot && !scope.without_network_manager) {
        observe_network_manager(ports, look, state);
    }
    state.network_manager_never_ran =
        needs_endpoints && !state.network_manager && !ports.profiles.has_run_since_boot();
    if (state.mptcp_supported && (needs_endpoints || scope.has(Section::limits))) {
        observe_path_manager(ports, observation);
    }
    if (needs_endpoints) {
        state.links = observed_or_warn(ports.links.links(), "the interfaces", observation.warnings);
    }
    if (needs_endpoints && look.connections == Look::Connections::always) {
        observe_connections(ports, observation);
    }
    if (scope.has(Section::units) && !scope.boot) {
        state.units = ports.units.units(scope.units);
        const std::optional<bool> enabled = enabled_now(state);
        const bool is_off = enabled ? !*enabled : state.sysctls.is_known();
        state.units->mptcp_stays_off = is_off && (!enabled || !scope.enables_mptcp);
    }
    if (scope.has(Section::program_hook)) {
        state.program_hook = ports.program_hook.observe(scope.declares_program_hook);
    }
    if (scope.programs) {
        state.programs = ports.units.programs(*scope.programs);
    }
    return observation;
}

Plan plan_for(const Ports& ports, const DesiredState& desired, Observation& observation, const Scope& scope) {
    Plan plan = make_plan(desired, observation.state, observation.ownership, scope);
    const bool lacks_connections = plan.depends_on.connections && !observation.was_read.connections;
    const bool lacks_rp_filter = plan.depends_on.rp_filter && !observation.was_read.rp_filter;
    if (lacks_connections) {
        observe_connections(ports, observation);
    }
    if (lacks_rp_filter) {
        observe_rp_filter(ports, observation);
    }
    return lacks_connections || lacks_rp_filter
               ? make_plan(desired, observation.state, observation.ownership, scope)
               : plan;
}

Scope with_programs(Scope scope, const DesiredState& desired) {
    scope.declares_program_hook = declares_program_hook(desired);
    scope.units =
        scope.has(Section::units) && !scope.boot && !(desired.units.empty() && desired.never.empty());
    const auto enabled = declared_enabled(desired);
    scope.enables_mptcp = enabled && enabled->value;
    const bool is_disabled = scope.has(Section::sysctl) && declares_disabling(desired);
    if (scope.units && is_disabled) {
        scope.programs = ProcessQuery{}; // those of `never`, and those that disabling affects
    } else if (scope.units) {
        scope.programs = processes_of_units(desired.units, desired.never);
    } else if (is_disabled) {
        scope.programs = processes_hit_by_disabling();
    }
    return scope;
}

Scope needed_scope(const Scope& scope, const DesiredState& desired, const Ownership& ownership) {
    Scope needed = with_programs(scope, desired);
    if (desired.profiles.empty() && ownership.profiles.empty() && ownership.stand_ins.empty()) {
        needed.sections.erase(Section::profiles);
    }
    if (desired.endpoints.empty() && ownership.endpoints.empty() && ownership.displaced.empty()) {
        needed.sections.erase(Section::endpoints);
    }
    return needed;
}

} // namespace keeper
