// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

#include "model/observed_state.hpp"

namespace keeper {

/// The endpoints that NetworkManager creates for a device whose connection has these (resolved) flags, by its
/// own rules: one for every usable address that it configured, of global scope, neither unique-local nor
/// temporary, and per family only if the device has a default route or also-without-default-route is set. Ids
/// are 0: the kernel chooses. `sysctl_enabled` is net.mptcp.enabled.
[[nodiscard]] std::vector<Endpoint>
endpoints_by_network_manager(MptcpFlags flags, const Link& link, bool sysctl_enabled);

/// Whether a version such as "1.42.4" is older than a major and minor version. Compares numerically.
[[nodiscard]] bool is_older(std::string_view version, int major, int minor);

/// Whether NetworkManager makes no endpoints for the device of a VPN plugin, whatever the flags of its
/// profile of type vpn. Observed: 1.42 and 1.52 make none; 1.58 makes them with these flags, at the next
/// activation.
[[nodiscard]] bool ignores_vpn_plugins(std::string_view version);

/// Whether this NetworkManager has connection.mptcp-flags (since 1.40).
[[nodiscard]] bool knows_mptcp_flags(const NetworkManagerState& network_manager);

/// The effective flags on this device: 0 is replaced by NetworkManager's default for it, and the result is
/// `disabled` if NetworkManager does not support flags.
[[nodiscard]] MptcpFlags
resolve(MptcpFlags flags, const ProfileActivation& activation, const NetworkManagerState& network_manager);

} // namespace keeper
