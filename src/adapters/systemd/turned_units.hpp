// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "model/observed_units.hpp"

/// Records below /run/mptcp-keeper about units that were turned to MPTCP.
namespace keeper {

[[nodiscard]] std::map<std::string, TurnedUnit> read_turned_units();
void record_turned(const std::string& unit, const TurnedUnit& turned);
void forget_turned(const std::string& unit);

/// The units that were taken back to TCP, with the reasons.
[[nodiscard]] std::map<std::string, std::string> read_taken_back_units();
[[nodiscard]] Result<void> record_taken_back(const std::string& unit, const std::string& reason);
void forget_taken_back(const std::string& unit);

} // namespace keeper
