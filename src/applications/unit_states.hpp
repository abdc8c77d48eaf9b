// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

/// Whether the processes of a declared unit use MPTCP sockets.
struct UnitStatus {
    std::string unit;
    UnitState state = UnitState::not_running;
    std::string reason = {}; ///< empty if in effect
    std::string source = {}; ///< "FILE:LINE"
    /// The number of TCP and MPTCP sockets of its processes, including listening ones.
    std::uint32_t sockets = 0;
    /// Ineffective because of this host, not because of the program.
    bool is_refused = false;
    friend bool operator==(const UnitStatus&, const UnitStatus&) = default;
};

/// The processes that unit_states() needs.
[[nodiscard]] ProcessQuery processes_of_units(const std::map<std::string, Source>& declared);

/// The state of every declared unit. A service's follows from what its processes actually run with, not from
/// its unit file; a socket unit's from the sockets that listen on its addresses.
[[nodiscard]] std::vector<UnitStatus> unit_states(
    const std::map<std::string, Source>& declared, const ObservedUnits& host, const ProcessList& running);

} // namespace keeper
