// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/observed_units.hpp"

namespace keeper {

/// Those of the units that failed, or wait until systemd starts them again after a failure.
[[nodiscard]] std::map<std::string, FailedService> read_failures(const std::set<std::string>& units);

} // namespace keeper
