// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "ports/unit_port.hpp"

namespace keeper {

/// The units of the running systemd, from their files and systemctl(1).
class SystemdUnits : public UnitPort {
  public:
    [[nodiscard]] ObservedUnits units(bool any_declared) override;
    [[nodiscard]] ProcessList programs(const ProcessQuery& query) override;
    [[nodiscard]] std::map<std::string, std::string> aliases() override;
    [[nodiscard]] Result<void> reload(const std::vector<std::string>& tried_again) override;
    [[nodiscard]] Result<void> restart(const std::string& unit) override;
    [[nodiscard]] std::vector<Result<void>> take_back(const std::vector<TakenBackUnit>& units) override;
};

} // namespace keeper
