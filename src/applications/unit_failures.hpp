// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "applications/unit_drop_ins.hpp"
#include "model/observed_units.hpp"

/// Units that do not work with MPTCP sockets: how that is recognised, and what to do about it.
namespace keeper {

/// The units that were taken back to TCP: a file per unit with the reason.
constexpr std::string_view taken_back_folder = "/run/mptcp-keeper/taken-back";
/// Whether its last start was with MPTCP: then that may be why it failed. Unknown, and false, once it has
/// proved to work with MPTCP.
[[nodiscard]] bool
was_started_with_mptcp(const std::string& unit, const std::map<std::string, TurnedUnit>& turned);

/// Whether the unit was running with TCP when it was declared, was started with MPTCP since, and failed.
[[nodiscard]] bool fails_since_turned(const std::string& unit, const ObservedUnits& host);

/// Why a declared unit, which is in `host.failed`, is not running, and how to take it back if MPTCP may be
/// the cause.
[[nodiscard]] std::string describe_failure(const std::string& unit, const ObservedUnits& host);

/// The message about a unit that was running, and failed after a restart that changed its protocol to this
/// one.
[[nodiscard]] std::string
describe_failed_restart(const std::string& unit, const FailedService& failure, UnitProtocol protocol);

/// Why a unit was taken back that did not fail itself: the next `apply --restart-units` tries it again. One
/// that failed would fail again each time.
constexpr std::string_view taken_back_with_others = "another item failed";

/// The state of a unit that was taken back for that reason, and how to try it again.
[[nodiscard]] std::string describe_taken_back(const std::string& unit, const std::string& reason);

/// The drop-in of a unit that was taken back. It hides that of its template.
[[nodiscard]] std::string taken_back_text();

/// Gives units that were taken back that drop-in. Returns those of them that are no longer declared.
[[nodiscard]] std::vector<std::string>
leave_taken_back(const std::map<std::string, std::string>& taken_back, UnitDropIns& drop_ins);

} // namespace keeper
