#pragma once

#include <string>
#include <vector>

namespace keeper {

/// The names of the unit files in systemd's folders, and of what links in *.wants and *.requires want. Asks
/// systemd nothing: inside a generator it would wait for itself.
[[nodiscard]] std::vector<std::string> list_unit_names();

/// Of the systemd that is installed; 0 where it does not tell.
[[nodiscard]] int systemd_version();

} // namespace keeper
