// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "model/observed_units.hpp"
#include "model/process.hpp"

namespace keeper {

/// systemd's units and the running processes. Reading them changes nothing.
class UnitPort {
  public:
    virtual ~UnitPort() = default;

    /// Without declared units, only reads the drop-ins and whether systemd is running.
    [[nodiscard]] virtual ObservedUnits units(bool any_declared) = 0;
    [[nodiscard]] virtual ProcessList programs(const ProcessQuery& query) = 0;
    /// systemd's own name of each unit that has several names, by the other names.
    [[nodiscard]] virtual std::map<std::string, std::string> aliases() = 0;

    /// systemd's daemon-reload: runs its generators again and loads the units. Restarts nothing.
    [[nodiscard]] virtual Result<void> reload() = 0;
    /// Restarts the unit and returns once systemd reports completion. The service of a socket unit is stopped
    /// first and started again afterwards: systemd refuses to reopen a socket that a service holds.
    [[nodiscard]] virtual Result<void> restart(const std::string& unit) = 0;
};

} // namespace keeper
