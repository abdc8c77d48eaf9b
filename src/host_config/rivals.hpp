#pragma once

#include <string>
#include <vector>

#include "host_config/host_settings.hpp"
#include "model/desired_state.hpp"

namespace keeper {

/// Sentences about files that set something else at boot, or whenever they run, than is declared. Of several
/// values of one sysctl the last counts. `settings`: without those of files that have no effect.
[[nodiscard]] std::vector<std::string>
rivals_on_disk(const DesiredState& desired, const HostSettings& settings);

} // namespace keeper
