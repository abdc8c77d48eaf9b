// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "plan/managed_devices.hpp"

namespace keeper::planner {

/// The warning that NetworkManager changes reverse path filtering when the device gets an endpoint;
/// std::nullopt if filtering is not strict, so that NetworkManager does not change it.
[[nodiscard]] std::optional<std::string>
rp_filter_side_effect(const ObservedState& observed, const ManagedDevice& device);

/// The warning that the profile is in memory only, with the command that saves it; std::nullopt for a profile
/// with a file of its own, or that netplan generates at each boot.
[[nodiscard]] std::optional<std::string> memory_only_warning(const Profile& profile, MptcpFlags declared);

} // namespace keeper::planner
