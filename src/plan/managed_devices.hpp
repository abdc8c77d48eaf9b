#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace keeper {

/// A device that runs a profile which NetworkManager manages and a rule may decide, with the endpoints that
/// NetworkManager makes of it: now, and once the declaration holds.
struct ManagedDevice {
    const Profile* profile = nullptr;
    const ProfileActivation* activation = nullptr;
    const ProfileRule* rule = nullptr; ///< the deciding rule; null where none is or its flags are null
    std::vector<Endpoint> present;     ///< by the flags that the device runs now
    std::vector<Endpoint> wanted;      ///< by the declared flags; equal to present where nothing is declared
};

/// All of them, skipped profiles left out. The pointers point into the arguments. Unknown where one of the
/// inputs is: NetworkManager's state, the interfaces or the sysctls.
[[nodiscard]] Observed<std::vector<ManagedDevice>> managed_devices(
    const DesiredState& desired,
    const ObservedState& observed,
    const Scope& scope,
    const KernelBounds& kernel = {});

/// A flag that this NetworkManager is too old for, as a sentence; nothing where it knows them all.
[[nodiscard]] std::optional<std::string>
unsupported_flag(MptcpFlags flags, const NetworkManagerState& network_manager);

/// Whether net.mptcp.enabled is 1 now, and whether it is once the declaration holds. Only where the sysctls
/// are known.
[[nodiscard]] bool is_enabled_now(const ObservedState& observed);
[[nodiscard]] bool
will_be_enabled(const DesiredState& desired, const ObservedState& observed, const Scope& scope);

/// The device whose NetworkManager endpoint that is, now or once the declaration holds; null for none.
[[nodiscard]] const ManagedDevice*
find_maker(const std::vector<ManagedDevice>& devices, const EndpointKey& key);

/// The endpoint with that key among them; null for none.
[[nodiscard]] const Endpoint* find_in(const std::vector<Endpoint>& endpoints, const EndpointKey& key);

} // namespace keeper
