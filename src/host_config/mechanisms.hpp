#pragma once

#include <vector>

#include "model/host_mechanism.hpp"

namespace keeper {

/// How Debian, Ubuntu, Fedora and RHEL hosts run commands or set values at boot or on an event of the
/// network, in the order in which they take effect at boot, as far as there is one.
[[nodiscard]] const std::vector<HostMechanism>& host_mechanisms();

/// That of scripts which another mechanism's file starts.
[[nodiscard]] const HostMechanism& started_scripts();
/// That of files which `sysctl -p` reads.
[[nodiscard]] const HostMechanism& loaded_values();

} // namespace keeper
