// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace keeper {

/// Reads "100ms", "1s", "1.5s", "2m" or "1h": a decimal number of at most nine digits before and three after
/// the point, and its unit without a blank between. std::nullopt for any other text, and for a
/// fraction of a millisecond.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

} // namespace keeper
