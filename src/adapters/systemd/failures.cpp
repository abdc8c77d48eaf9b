// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/systemd/failures.hpp"

#include <vector>

#include "adapters/systemd/systemctl.hpp"
#include "applications/failed_services.hpp"

namespace keeper {

std::map<std::string, FailedService> read_failures(const std::set<std::string>& units) {
    if (units.empty()) {
        return {};
    }
    std::vector<std::string> arguments{"show", "--property=" + std::string(failure_properties), "--"};
    arguments.insert(arguments.end(), units.begin(), units.end());
    const auto shown = systemctl_output(std::move(arguments), std::chrono::seconds(10));
    return shown ? parse_failures(*shown) : std::map<std::string, FailedService>();
}

} // namespace keeper
