// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

/// Timestamps in reports, with microseconds.
namespace keeper {

using WallTime = std::chrono::system_clock::time_point;

/// "2026-11-20T06:58:35.093885Z".
[[nodiscard]] std::string utc_text(WallTime time);
/// Parses the output of utc_text(); nullopt for any other text.
[[nodiscard]] std::optional<WallTime> parse_utc(const std::string& text);
/// "2026-11-20T06:58:35.093885", in local time.
[[nodiscard]] std::string local_text(WallTime time);
/// "2026-11-20T06:58:35", in local time.
[[nodiscard]] std::string local_seconds_text(WallTime time);

} // namespace keeper
