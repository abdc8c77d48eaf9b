#pragma once

#include <map>
#include <string>
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
    unknown, ///< its programs are another user's, and this one may not look at them
};
/// The contract's word: "in-effect", "needs-restart", …
[[nodiscard]] std::string_view to_string(UnitState state);

/// Whether a declared unit's program uses MPTCP sockets.
struct UnitStatus {
    std::string unit;
    UnitState state = UnitState::not_running;
    std::string reason; ///< empty where it is in effect
    std::string source; ///< "FILE:LINE"
    /// TCP and MPTCP sockets that its programs hold, listening ones too.
    std::uint32_t sockets = 0;
    /// Ineffective since this host cannot do it, not because of the program.
    bool is_refused = false;
    friend bool operator==(const UnitStatus&, const UnitStatus&) = default;
};

/// What unit_states() must know, and of which processes.
[[nodiscard]] ProcessQuery processes_of_units(const std::map<std::string, Source>& declared);

/// Looks at the processes of every declared service: what counts is what they run with, not what is written
/// down. Of the sockets that systemd opens it is who listens on their addresses.
[[nodiscard]] std::vector<UnitStatus> unit_states(
    const std::map<std::string, Source>& declared, const ObservedUnits& host, const ProcessList& running);

} // namespace keeper
