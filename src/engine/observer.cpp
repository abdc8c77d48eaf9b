#include "engine/observer.hpp"

#include <algorithm>

#include "applications/disabling.hpp"
#include "applications/unit_states.hpp"

namespace keeper {

namespace {

/// Takes a result's value, or keeps its error as a warning.
template <class T>
T value_or_warn(Result<T> result, const char* what, std::vector<std::string>& warnings) {
    if (result) {
        return std::move(*result);
    }
    warnings.push_back(std::string(what) + " could not be read: " + result.error().message);
    return {};
}

void observe_path_manager(const Ports& ports, Observation& observation) {
    auto limits = ports.path_manager.limits();
    if (!limits) {
        observation.warnings.push_back(
            "the path manager's limits could not be read: " + limits.error().message);
        return;
    }
    observation.state.limits = *limits;
    auto endpoints = ports.path_manager.endpoints();
    observation.state.has_endpoints = endpoints.has_value();
    observation.state.endpoints =
        value_or_warn(std::move(endpoints), "the path manager's endpoints", observation.warnings);
}

void observe_network_manager(const Ports& ports, ObservedState& state) {
    auto snapshot = ports.profiles.snapshot();
    if (!snapshot) {
        state.network_manager_error = snapshot.error().message;
        return;
    }
    state.network_manager = std::move(*snapshot);
    std::vector<std::string> interfaces;
    for (const Profile& profile : state.network_manager->profiles) {
        for (const ProfileActivation& activation : profile.activations) {
            interfaces.push_back(activation.interface);
        }
    }
    state.rp_filter = ports.links.rp_filters(interfaces);
}

} // namespace

Observation observe_host(const Ports& ports, const Scope& scope, Ownership ownership) {
    Observation observation;
    observation.ownership = std::move(ownership);
    ObservedState& state = observation.state;
    state.kernel_release = ports.kernel_release;
    auto sysctls = ports.sysctls.read_all();
    state.mptcp_supported = sysctls.has_value();
    if (!sysctls) {
        observation.warnings.push_back(sysctls.error().message);
    } else {
        state.sysctls = std::move(*sysctls);
    }
    const bool needs_endpoints = scope.has(Kind::endpoints) || scope.has(Kind::profiles);
    // NetworkManager first: an address or endpoint that it is about to change is then read after the change.
    if (needs_endpoints && !scope.boot && !scope.without_network_manager) {
        observe_network_manager(ports, state);
    }
    if (state.mptcp_supported && (needs_endpoints || scope.has(Kind::limits))) {
        observe_path_manager(ports, observation);
    }
    if (needs_endpoints) {
        state.links = value_or_warn(ports.links.links(), "the interfaces", observation.warnings);
        state.connections =
            value_or_warn(ports.connections.connections(), "the live connections", observation.warnings);
    }
    if (scope.has(Kind::applications) && !scope.boot) {
        state.units = ports.units.units(scope.units);
        const auto enabled = state.sysctls.find("enabled");
        const bool is_there = enabled != state.sysctls.end();
        state.units->mptcp_stays_off = !is_there || (enabled->second == "0" && !scope.enables_mptcp);
    }
    if (scope.programs) {
        state.programs = ports.units.programs(*scope.programs);
    }
    return observation;
}

Scope with_programs(Scope scope, const DesiredState& desired) {
    scope.units = scope.has(Kind::applications) && !scope.boot && !desired.units.empty();
    const auto enabled = desired.sysctls.find("enabled");
    scope.enables_mptcp = enabled != desired.sysctls.end() && enabled->second.value == "1";
    // A file declares one of the two at most.
    if (scope.units) {
        scope.programs = processes_of_units(desired.units);
    } else if (scope.has(Kind::sysctl) && declares_disabling(desired)) {
        scope.programs = processes_hit_by_disabling();
    }
    return scope;
}

Scope needed_scope(const Scope& scope, const DesiredState& desired, const Ownership& ownership) {
    Scope needed = with_programs(scope, desired);
    if (desired.profiles.empty() && ownership.profiles.empty()) {
        needed.kinds.erase(Kind::profiles);
    }
    if (desired.endpoints.empty() && ownership.endpoints.empty() && ownership.displaced.empty()) {
        needed.kinds.erase(Kind::endpoints);
    }
    return needed;
}

} // namespace keeper
