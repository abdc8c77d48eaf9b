#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/socket_unit.hpp"

namespace keeper {

/// What there is to know of the units whose programs shall use MPTCP, beside the programs themselves.
struct ObservedUnits {
    bool systemd_runs =
        false; ///< as the init system; without it no generator runs and no unit can be restarted
    bool has_generator = false;      ///< the generator that writes the drop-ins is installed
    bool has_preload_library = true; ///< libmptcpwrap is installed
    int systemd_version = 0;         ///< 0: unknown, or nobody needed it
    bool mptcp_stays_off = false;    ///< in the kernel, and nobody declares it on: an MPTCP socket would fail
    std::vector<std::string> known;  ///< names of unit files, and of template instances that some unit wants
    std::map<std::string, SocketUnit> sockets; ///< what the socket units among them listen on
    std::set<std::string> open_sockets;        ///< socket units whose sockets systemd has opened
    std::set<std::string> failed;              ///< services in systemd's state "failed"
    Listeners listeners;                       ///< looked at only where there are open ones
    /// The drop-ins that the generator wrote at the last start or daemon-reload, by unit or template.
    std::map<std::string, std::string> drop_ins;
    friend bool operator==(const ObservedUnits&, const ObservedUnits&) = default;
};

} // namespace keeper
