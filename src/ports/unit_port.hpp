// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/observed_units.hpp"
#include "model/process.hpp"

namespace keeper {

/// A unit that does not stay with MPTCP because an apply is reverted.
struct TakenBackUnit {
    std::string unit;
    std::string reason;
    bool was_restarted = false;
    friend bool operator==(const TakenBackUnit&, const TakenBackUnit&) = default;
};

/// systemd's units and the running processes. Reading them changes nothing.
class UnitPort {
  public:
    virtual ~UnitPort() = default;

    /// Without declared units, only reads the drop-ins and whether systemd is running.
    [[nodiscard]] virtual ObservedUnits units(bool any_declared) = 0;
    [[nodiscard]] virtual ProcessList programs(const ProcessQuery& query) = 0;
    /// systemd's own name of each unit that has several names, by the other names.
    [[nodiscard]] virtual std::map<std::string, std::string> aliases() = 0;

    /// systemd's daemon-reload: runs its generators again and loads the units. Restarts nothing. Units that
    /// were taken back remain so, except these.
    [[nodiscard]] virtual Result<void> reload(const std::vector<std::string>& tried_again) = 0;
    /// Restarts the unit and returns once systemd reports completion; ErrorKind::timed_out if it is still
    /// starting. The service of a socket unit is stopped first and started again afterwards, with the
    /// units that depend on it: systemd refuses to reopen a socket that a service holds.
    [[nodiscard]] virtual Result<void> restart(const std::string& unit) = 0;
    /// Leaves the declared units without their drop-ins until reload() names them, their declaration is
    /// removed, or the host is booted, and starts those that were restarted again. One result per unit.
    [[nodiscard]] virtual std::vector<Result<void>> take_back(const std::vector<TakenBackUnit>& units) = 0;
};

} // namespace keeper
