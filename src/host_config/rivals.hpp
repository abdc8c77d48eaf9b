// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "host_config/host_settings.hpp"
#include "model/desired_state.hpp"

namespace keeper {

/// One message per file that sets other values at boot, or whenever it runs, than the configuration declares.
/// Of several values for a sysctl, the last applies. `settings` must not include files without effect.
[[nodiscard]] std::vector<std::string>
rivals_on_disk(const DesiredState& desired, const HostSettings& settings);

} // namespace keeper
