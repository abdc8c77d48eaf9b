#pragma once

#include <string>
#include <vector>

namespace keeper {

/// The names of the unit files in systemd's folders, and of what links in *.wants and *.requires want. Asks
/// systemd nothing: inside a generator it would wait for itself.
[[nodiscard]] std::vector<std::string> list_unit_names();

/// What an alias in systemd's folders stands for ("ssh.service" for "sshd.service"); the name itself where it
/// is none.
[[nodiscard]] std::string aliased_unit(const std::string& unit);

/// Of the systemd that is installed; 0 where it does not tell.
[[nodiscard]] int systemd_version();

} // namespace keeper
