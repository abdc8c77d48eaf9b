// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "applications/unit_drop_ins.hpp"
#include "model/observed_units.hpp"
#include "model/process.hpp"
#include "model/source.hpp"

namespace keeper {

enum class UnitState {
    in_effect,
    needs_restart,
    ineffective,
    not_running,
    not_found,
    unknown, ///< its processes belong to another user and could not be read
};
/// The name in reports: "in-effect", "needs-restart", …
[[nodiscard]] std::string_view to_string(UnitState state);

/// Whether the processes of a declared unit use the sockets that they should use.
struct UnitStatus {
    std::string unit;
    UnitState state = UnitState::not_running;
    std::string reason = {}; ///< if in effect, empty or a remark
    std::string source = {}; ///< "FILE:LINE"
    /// The number of TCP and MPTCP sockets of its processes, including listening ones.
    std::uint32_t sockets = 0;
    /// Ineffective because of this host, not because of the program.
    bool is_refused = false;
    UnitProtocol protocol = UnitProtocol::mptcp; ///< what it is declared to use
    bool fails_with_mptcp = false;               ///< it was running with TCP, and fails since it is declared
    std::string executable = {}; ///< of its first process with sockets; empty if it is not running
    /// A reverted apply took it back to TCP because of other items.
    bool may_be_tried_again = false;
    friend bool operator==(const UnitStatus&, const UnitStatus&) = default;
};

/// The processes that unit_states() needs.
[[nodiscard]] ProcessQuery processes_of_units(
    const std::map<std::string, Source>& declared, const std::map<std::string, Source>& never = {});

/// The state of every declared unit, also of those in `never`. A service's follows from what its processes
/// actually run with, not from its unit file; a socket unit's from the sockets that listen on its addresses.
[[nodiscard]] std::vector<UnitStatus> unit_states(
    const std::map<std::string, Source>& declared,
    const ObservedUnits& host,
    const ProcessList& running,
    const std::map<std::string, Source>& never = {});

} // namespace keeper
