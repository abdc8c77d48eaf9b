#pragma once

#include <vector>

#include "model/observed_state.hpp"

namespace keeper {

/// The endpoints that NetworkManager makes for a device that runs a connection with these (resolved) flags,
/// by its own rules: every usable address of its own, of global scope that is neither unique-local nor
/// temporary, per family only where a default route leaves by the device or also-without-default-route is
/// set. Ids are 0: the kernel chooses. `sysctl_enabled` is net.mptcp.enabled.
[[nodiscard]] std::vector<Endpoint>
endpoints_by_network_manager(MptcpFlags flags, const Link& link, bool sysctl_enabled);

/// What `flags` mean on this host: 0 is NetworkManager's default.
[[nodiscard]] MptcpFlags resolve(MptcpFlags flags, const NetworkManagerState& network_manager);

} // namespace keeper
