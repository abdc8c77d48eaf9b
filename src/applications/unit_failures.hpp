// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "applications/unit_drop_ins.hpp"
#include "model/observed_units.hpp"

/// Units that do not work with MPTCP sockets: how that is recognised, and what to do about it.
namespace keeper {

/// The generator's records: a file per unit.
constexpr std::string_view turned_units_folder = "/run/mptcp-keeper/turned";
/// The units that were taken back to TCP: a file per unit with the reason.
constexpr std::string_view taken_back_folder = "/run/mptcp-keeper/taken-back";
/// A unit that ran that long with its drop-in works with MPTCP: what stops it later has another cause.
constexpr int seconds_that_prove_a_unit = 10;

/// A record as text: "123456 running\n" or "123456 idle\n".
[[nodiscard]] std::string to_text(const TurnedUnit& turned);
[[nodiscard]] std::optional<TurnedUnit> parse_turned_unit(std::string_view text);

/// Whether the unit was running with TCP when it was declared, was started again since, and failed.
[[nodiscard]] bool fails_since_turned(const std::string& unit, const ObservedUnits& host);

/// Why a declared unit, which is in `host.failed`, is not running, and how to take it back if MPTCP may be
/// the cause.
[[nodiscard]] std::string describe_failure(const std::string& unit, const ObservedUnits& host);

/// The message about a unit that was running, and failed after a restart that should change its protocol to
/// this one.
[[nodiscard]] std::string
describe_failed_restart(const std::string& unit, const FailedService& failure, UnitProtocol protocol);

/// The drop-in of a unit that was taken back. It hides that of its template.
[[nodiscard]] std::string taken_back_text();

} // namespace keeper
