// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/host_file.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// The names of the unit files in systemd's folders and of the links in *.wants and *.requires, without
/// aliases. Does not call systemd, which would wait for itself if this runs in a generator.
[[nodiscard]] std::vector<std::string> list_unit_names();

/// All aliases, each with the unit's primary name. A link to a file outside systemd's folders is a unit with
/// the link's own name.
[[nodiscard]] std::map<std::string, std::string> read_unit_aliases();

/// The units among these names that have DefaultDependencies=no.
[[nodiscard]] std::set<std::string> find_early_units(const std::vector<std::string>& names);

/// The primary name of an alias ("ssh.service" for "sshd.service"); the name itself if it is not an alias.
[[nodiscard]] std::string aliased_unit(const std::string& unit);

/// A unit's file followed by its drop-ins and those of its template, below the root; the path is empty if
/// there is no unit file. As in systemd.unit(5), a file in a folder of higher precedence shadows those of its
/// name in the others (a link to /dev/null hides them), and drop-ins are in the order of their names,
/// whatever their folders. A masked unit has no text.
[[nodiscard]] HostFile read_unit(const std::string& name, const std::string& root = "");

/// The socket units among these names, with what they listen on.
[[nodiscard]] std::map<std::string, SocketUnit> read_socket_units(const std::vector<std::string>& names);

/// Whether mptcp-keeper-boot.service is enabled, which enables MPTCP before units start.
[[nodiscard]] bool is_boot_unit_enabled();

/// The version of the installed systemd; 0 if unknown.
[[nodiscard]] int systemd_version();

} // namespace keeper
