// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/host_mechanism.hpp"
#include "ports/host_port.hpp"

namespace keeper {

/// The files of all host_mechanisms() and the scripts that they start. `root` is the prefix of the paths of
/// `host`; "" for the running system.
[[nodiscard]] std::vector<MechanismFile> read_mechanism_files(HostPort& host, const std::string& root);

} // namespace keeper
