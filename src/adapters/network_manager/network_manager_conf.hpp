#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/mptcp_flags.hpp"

namespace keeper {

/// NetworkManager's configuration files below `root` ("" for the running system), the one that counts least
/// first: conf.d of /usr/lib and /run, NetworkManager.conf, conf.d of /etc. In conf.d a name in /etc shadows
/// /run, which shadows /usr/lib. See NetworkManager.conf(5).
[[nodiscard]] std::vector<std::string> network_manager_conf_files(const std::string& root);

/// connection.mptcp-flags of the [connection…] sections that hold for every device, over the texts of the
/// files in the order of network_manager_conf_files(); 0 where none sets it. Sections with match-device and
/// files with a `.config` section that switches them off are passed over. Pure.
[[nodiscard]] MptcpFlags configured_default_flags(const std::vector<std::string>& texts);

/// What a profile with flags 0 means to a NetworkManager of this version with these configured flags.
[[nodiscard]] MptcpFlags effective_default_flags(MptcpFlags configured, const std::string& version);

} // namespace keeper
