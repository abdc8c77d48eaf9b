// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/host_mechanism.hpp"

namespace keeper {

/// The ways in which Debian, Ubuntu, Fedora and RHEL hosts run commands or set values at boot or on a network
/// event, in the order in which they take effect at boot, as far as that is defined.
[[nodiscard]] const std::vector<HostMechanism>& host_mechanisms();

/// The mechanism of scripts that another mechanism's file starts.
[[nodiscard]] const HostMechanism& started_scripts();
/// The mechanism of files that `sysctl -p` reads.
[[nodiscard]] const HostMechanism& loaded_values();

} // namespace keeper
