// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace keeper {

/// A time in the output of `systemctl show`: "1min 30s", "infinity" (std::chrono::microseconds::max());
/// std::nullopt for other text.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_time_span(std::string_view text);

/// How long to wait for a restart: the sum of the times in the output of `systemctl show
/// --property=TimeoutStartUSec,TimeoutStopUSec,TimeoutUSec` for one or more units, and a margin; at most 10
/// minutes, since a unit may wait for something forever.
[[nodiscard]] std::chrono::seconds restart_limit(std::string_view shown);

} // namespace keeper
