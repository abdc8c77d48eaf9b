#pragma once

#include <string_view>
#include <vector>

#include "model/observed_state.hpp"

namespace keeper {

/// The endpoints that NetworkManager makes for a device that runs a connection with these (resolved) flags,
/// by its own rules: every usable address of its own, of global scope that is neither unique-local nor
/// temporary, per family only where a default route leaves by the device or also-without-default-route is
/// set. Ids are 0: the kernel chooses. `sysctl_enabled` is net.mptcp.enabled.
[[nodiscard]] std::vector<Endpoint>
endpoints_by_network_manager(MptcpFlags flags, const Link& link, bool sysctl_enabled);

/// Compares "1.42.4" with a major and minor version, numerically.
[[nodiscard]] bool is_older(std::string_view version, int major, int minor);

/// Whether this NetworkManager has connection.mptcp-flags, which came with 1.40.
[[nodiscard]] bool knows_mptcp_flags(const NetworkManagerState& network_manager);

/// What `flags` mean on this device: 0 is NetworkManager's default for it, and all are `disabled` for a
/// NetworkManager that does not know them.
[[nodiscard]] MptcpFlags
resolve(MptcpFlags flags, const ProfileActivation& activation, const NetworkManagerState& network_manager);

} // namespace keeper
