#pragma once

#include <string>
#include <vector>

#include "model/host_mechanism.hpp"
#include "ports/host_port.hpp"

namespace keeper {

/// The files of all of host_mechanisms(), and the scripts that they start. `root`: what the paths of `host`
/// begin with; "" for the running system.
[[nodiscard]] std::vector<MechanismFile> read_mechanism_files(HostPort& host, const std::string& root);

} // namespace keeper
