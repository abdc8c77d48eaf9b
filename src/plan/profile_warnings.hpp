#pragma once

#include <optional>
#include <string>

#include "plan/managed_devices.hpp"

namespace keeper::planner {

/// What NetworkManager does to reverse path filtering when the device gets an endpoint, as a sentence;
/// nothing where filtering is not strict, so that NetworkManager leaves it alone.
[[nodiscard]] std::optional<std::string>
rp_filter_side_effect(const ObservedState& observed, const ManagedDevice& device);

/// That the profile is kept in memory only, with the command that saves it; nothing for one that is a file of
/// its own, or that netplan writes again at each boot.
[[nodiscard]] std::optional<std::string> memory_only_warning(const Profile& profile, MptcpFlags declared);

} // namespace keeper::planner
