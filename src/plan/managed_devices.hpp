// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/desired_state.hpp"
#include "model/kernel_bounds.hpp"
#include "model/observed_state.hpp"
#include "plan/scope.hpp"

namespace keeper {

/// A device with an active profile that rules may change, and the endpoints that NetworkManager creates for
/// it: now, and once the declaration is applied.
struct ManagedDevice {
    const Profile* profile = nullptr;
    const ProfileActivation* activation = nullptr;
    const ProfileRule* rule = nullptr; ///< the deciding rule; null if there is none or its flags are null
    std::vector<Endpoint> present;     ///< for the flags that the device runs now
    std::vector<Endpoint> wanted;      ///< for the declared flags; equal to present if nothing is declared
};

/// All such devices, without those of skipped profiles. The pointers point into the arguments. Unknown if
/// NetworkManager's state, the interfaces or the sysctls are.
[[nodiscard]] Observed<std::vector<ManagedDevice>> managed_devices(
    const DesiredState& desired,
    const ObservedState& observed,
    const Scope& scope,
    const KernelBounds& kernel = {});

/// Why this NetworkManager is too old for one of the flags; std::nullopt if it supports all of them.
[[nodiscard]] std::optional<std::string>
unsupported_flag(MptcpFlags flags, const NetworkManagerState& network_manager);

/// Whether net.mptcp.enabled will be 1 once the declaration is applied. Only if the sysctls are known.
[[nodiscard]] bool
will_be_enabled(const DesiredState& desired, const ObservedState& observed, const Scope& scope);

/// The device for which NetworkManager creates that endpoint, now or once the declaration is applied; null
/// for none.
[[nodiscard]] const ManagedDevice*
find_maker(const std::vector<ManagedDevice>& devices, const SocketAddress& key);

/// The endpoint with that key; null for none.
[[nodiscard]] const Endpoint* find_in(const std::vector<Endpoint>& endpoints, const SocketAddress& key);

} // namespace keeper
