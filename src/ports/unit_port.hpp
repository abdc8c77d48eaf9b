#pragma once

#include <string>

#include "base/result.hpp"
#include "model/observed_units.hpp"
#include "model/process.hpp"

namespace keeper {

/// systemd's units and the programs that run. Looking asks nobody and changes nothing.
class UnitPort {
  public:
    virtual ~UnitPort() = default;

    /// With no unit declared only the drop-ins and whether systemd runs are worth a look.
    [[nodiscard]] virtual ObservedUnits units(bool any_declared) = 0;
    [[nodiscard]] virtual ProcessList programs(const ProcessQuery& query) = 0;

    /// Makes systemd run its generators again and take up what they wrote. Restarts nothing.
    [[nodiscard]] virtual Result<void> reload() = 0;
    /// Restarts the unit and returns once systemd says that it is done. A socket unit's service is stopped
    /// for it, since systemd refuses to open a socket anew under a service that holds it, and started again.
    [[nodiscard]] virtual Result<void> restart(const std::string& unit) = 0;
};

} // namespace keeper
