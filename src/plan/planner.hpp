// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "plan/managed_devices.hpp"
#include "plan/plan.hpp"

/// The parts of make_plan, one per file. Each appends its changes and warnings.
namespace keeper::planner {

struct Input {
    const DesiredState& desired;
    const ObservedState& observed;
    const Ownership& ownership;
    const Scope& scope;
    Observed<std::vector<ManagedDevice>> devices;
    // What concerns all items and would cost too much to compute for each.
    /// Flags that this kernel is known to drop.
    EndpointFlags dropped_flags = {};
    /// Whether NetworkManager's endpoints together with all others exceed the table, so that NetworkManager
    /// chooses which of them exist, or the table is already full. No stand-in may be added then.
    bool exceeds_table = false;
};

void plan_sysctls(const Input& input, Plan& plan);
void plan_limits(const Input& input, Plan& plan);
void plan_endpoints(const Input& input, Plan& plan);
void plan_profiles(const Input& input, Plan& plan);
void plan_units(const Input& input, Plan& plan);
/// All of them are carried out at once, by attaching or detaching one program.
[[nodiscard]] std::vector<Change> plan_program_hook(const Input& input);

/// The device for which NetworkManager creates that endpoint; null for none, or if the devices are unknown.
[[nodiscard]] inline const ManagedDevice* find_maker(const Input& input, const SocketAddress& key) {
    return keeper::find_maker(input.devices.or_empty(), key);
}

/// The note of every declared kernel item on a kernel without MPTCP.
[[nodiscard]] std::string no_mptcp_in_kernel(const ObservedState& observed);

/// The endpoint as a report shows it, with the interface's name.
[[nodiscard]] Value endpoint_value(const ObservedState& observed, const Endpoint& endpoint);

/// Whether the kernel can change one into the other in place (SET_FLAGS only supports backup and fullmesh).
[[nodiscard]] bool is_changeable_in_place(EndpointFlags from, EndpointFlags to);

/// A change of one endpoint, with before, after and impact taken from the action.
[[nodiscard]] Change
endpoint_change(const ObservedState& observed, const EndpointAction& action, std::string source);

/// Whether it is bound to an interface that no longer exists, or to one without its address while another
/// interface has it: it never gets a subflow. False if the interfaces are unknown.
[[nodiscard]] bool is_bound_to_a_wrong_interface(const ObservedState& observed, const Endpoint& existing);

/// Whether the kernel's endpoint is the one that the keeper requested: kernels before 6.18 silently drop
/// laminar.
[[nodiscard]] bool is_as_requested(const Endpoint& existing, EndpointFlags requested);

/// Whether the keeper added it on NetworkManager's behalf. Its id does not matter.
[[nodiscard]] bool is_stand_in(const Input& input, const Endpoint& endpoint);

/// Whether the endpoint is as declared but must be removed and re-added so that live connections get a
/// subflow on it: see Scope::tried_too_early.
[[nodiscard]] bool must_be_tried_again(const Input& input, const Endpoint& existing);
/// Whether the live connections decide that.
[[nodiscard]] bool may_be_tried_again(const Input& input, const Endpoint& existing);

/// For Input::exceeds_table.
[[nodiscard]] bool exceeds_table(const Input& input);
/// Whether no further endpoint fits in.
[[nodiscard]] bool is_table_full(const Input& input);
/// Whether NetworkManager will add no more: the table is full, or it has reached its own maximum.
[[nodiscard]] bool is_full_for_network_manager(const Input& input);
/// Warns about addresses of declared profiles that have no endpoint because the table is too small.
void warn_of_full_table(const Input& input, Plan& plan);

} // namespace keeper::planner
