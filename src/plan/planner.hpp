#pragma once

#include <string>
#include <vector>

#include "plan/managed_devices.hpp"
#include "plan/plan.hpp"

/// The parts of make_plan, one a file. Each appends its changes and warnings.
namespace keeper::planner {

struct Input {
    const DesiredState& desired;
    const ObservedState& observed;
    const Ownership& ownership;
    const Scope& scope;
    Observed<std::vector<ManagedDevice>> devices;
};

void plan_sysctls(const Input& input, Plan& plan);
void plan_limits(const Input& input, Plan& plan);
void plan_endpoints(const Input& input, Plan& plan);
void plan_profiles(const Input& input, Plan& plan);
void plan_units(const Input& input, Plan& plan);

/// The device whose NetworkManager endpoint that is, as far as it is known; null for none.
[[nodiscard]] inline const ManagedDevice* find_maker(const Input& input, const EndpointKey& key) {
    return keeper::find_maker(input.devices.or_empty(), key);
}

/// What each declared kernel item says on a kernel without MPTCP.
[[nodiscard]] std::string no_mptcp_in_kernel(const ObservedState& observed);

/// The endpoint as a report shows it, with the interface's name.
[[nodiscard]] Value endpoint_value(const ObservedState& observed, const Endpoint& endpoint);

/// Whether the kernel can turn one into the other in place (SET_FLAGS knows backup and fullmesh alone).
[[nodiscard]] bool is_changeable_in_place(EndpointFlags from, EndpointFlags to);

/// A change of one endpoint, with before, after and impact taken from the action.
[[nodiscard]] Change
endpoint_change(const ObservedState& observed, const EndpointAction& action, std::string source);

/// Whether it is bound to an interface that is gone, or to one that does not have its address while another
/// one has: no subflow ever leaves by it. False where the interfaces are not known.
[[nodiscard]] bool is_bound_to_a_wrong_interface(const ObservedState& observed, const Endpoint& existing);

/// Whether the kernel's endpoint is the one that the keeper asked for: one before 6.18 drops laminar without
/// a word.
[[nodiscard]] bool is_as_requested(const Endpoint& existing, EndpointFlags requested);

/// Added by the keeper on NetworkManager's behalf: it keeps its subflows' address whatever its id is.
[[nodiscard]] bool is_stand_in(const Input& input, const Endpoint& endpoint);

/// Whether the endpoint, right as it is, must be removed and added so that live connections get their
/// subflow on it: see Scope::tried_too_early.
[[nodiscard]] bool must_be_tried_again(const Input& input, const Endpoint& existing);

/// Whether NetworkManager's endpoints together with all others exceed the table, so that which of them
/// exist is NetworkManager's choice, or the table is full as it is: no stand-in may take a place.
[[nodiscard]] bool exceeds_table(const Input& input);
/// Whether no further endpoint fits in.
[[nodiscard]] bool is_table_full(const Input& input);
/// Whether NetworkManager will add none: the table is full, or it has made as many as it ever makes.
[[nodiscard]] bool is_full_for_network_manager(const Input& input);
/// Names the addresses of declared profiles that have no endpoint since the table has no room for all.
void warn_of_full_table(const Input& input, Plan& plan);

} // namespace keeper::planner
