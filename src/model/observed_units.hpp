// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/socket_unit.hpp"

namespace keeper {

/// The state of systemd and its units, as far as `applications` needs it. Processes are in ProcessList.
struct ObservedUnits {
    /// As the init system. Without it no generator runs and no unit can be restarted.
    bool systemd_runs = false;
    bool has_generator = false;      ///< the generator that writes the drop-ins is installed
    bool has_preload_library = true; ///< libmptcpwrap is installed
    int systemd_version = 0;         ///< 0: unknown or not needed
    bool mptcp_stays_off = false;    ///< off in the kernel and not declared on: an MPTCP socket would fail
    std::vector<std::string> known;  ///< names of unit files, and of template instances that a unit wants
    std::map<std::string, SocketUnit> sockets; ///< the addresses of the socket units among them
    std::set<std::string> open_sockets;        ///< socket units whose sockets systemd has opened
    std::set<std::string> failed;              ///< services in systemd's state "failed"
    Listeners listeners;                       ///< read only if there are open sockets
    /// The drop-ins that the generator wrote at the last start or daemon-reload, by unit or template.
    std::map<std::string, std::string> drop_ins;
    friend bool operator==(const ObservedUnits&, const ObservedUnits&) = default;
};

} // namespace keeper
