#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/host_file.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// The names of the unit files in systemd's folders, and of what links in *.wants and *.requires want,
/// without those that are aliases. Asks systemd nothing: inside a generator it would wait for itself.
[[nodiscard]] std::vector<std::string> list_unit_names();

/// The units among these names that have several: systemd's own name of each by the others. A link to a file
/// outside of systemd's folders is a unit of the link's own name.
[[nodiscard]] std::map<std::string, std::string> read_unit_aliases();

/// The units among these names whose files say DefaultDependencies=no.
[[nodiscard]] std::set<std::string> find_early_units(const std::vector<std::string>& names);

/// What an alias in systemd's folders stands for ("ssh.service" for "sshd.service"); the name itself where it
/// is none.
[[nodiscard]] std::string aliased_unit(const std::string& unit);

/// A unit's file with the drop-ins of it and of its template behind it; an empty path where there is none.
[[nodiscard]] HostFile read_unit(const std::string& name);

/// What the socket units among these names listen on.
[[nodiscard]] std::map<std::string, SocketUnit> read_socket_units(const std::vector<std::string>& names);

/// Whether mptcp-keeper-boot.service is enabled, which switches MPTCP on before units start.
[[nodiscard]] bool is_boot_unit_enabled();

/// Of the systemd that is installed; 0 where it does not tell.
[[nodiscard]] int systemd_version();

} // namespace keeper
