// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "model/observed_units.hpp"

/// The records about units that were turned to MPTCP, which the generator and unit-environment write.
namespace keeper {

/// A file per unit.
constexpr std::string_view turned_units_folder = "/run/mptcp-keeper/turned";

/// A record as text: "123456 running\n", "123456 idle\n", or "123456 running 234567\n" after a start with
/// MPTCP.
[[nodiscard]] std::string to_text(const TurnedUnit& turned);
[[nodiscard]] std::optional<TurnedUnit> parse_turned_unit(std::string_view text);

/// Whether a unit that was started with MPTCP and ended with that $SERVICE_RESULT (systemd.exec(5)) works
/// with MPTCP, so that a later failure has another cause. One that failed may have spent that time starting
/// up.
[[nodiscard]] bool proves_mptcp(std::string_view result, std::chrono::microseconds ran);

} // namespace keeper
