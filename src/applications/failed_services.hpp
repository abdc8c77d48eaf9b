// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/observed_units.hpp"

namespace keeper {

/// The properties that parse_failures() reads, for `systemctl show --property=`.
constexpr std::string_view failure_properties =
    "Id,ActiveState,SubState,Result,ExecMainStatus,ExecStart,ExecMainStartTimestampMonotonic";

/// The services that failed, by name, in the output of `systemctl show` for any services. A service that
/// systemd starts again by Restart= has failed only if it did not end successfully.
[[nodiscard]] std::map<std::string, FailedService> parse_failures(std::string_view shown);

} // namespace keeper
