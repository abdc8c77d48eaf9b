// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/socket_unit.hpp"

namespace keeper {

/// A service that systemd could not start or keep running, from the properties of systemctl(1).
struct FailedService {
    std::string result;           ///< Result: "exit-code", "start-limit-hit"
    std::string status;           ///< ExecMainStatus: "3"; the number of the signal that ended it
    std::string executable;       ///< the path in ExecStart
    std::uint64_t started_us = 0; ///< its main process: CLOCK_MONOTONIC; 0: unknown, or it never started
    friend bool operator==(const FailedService&, const FailedService&) = default;
};

/// When systemd first had the drop-in that makes a unit use MPTCP. Recorded by the generator; the unit's
/// starts are added by unit-environment.
struct TurnedUnit {
    std::uint64_t since_us = 0; ///< CLOCK_MONOTONIC
    bool was_running = false;   ///< with TCP sockets
    /// When it was last started, CLOCK_BOOTTIME; 0 if that was without MPTCP, or before.
    std::uint64_t mptcp_start_us = 0;
    friend bool operator==(const TurnedUnit&, const TurnedUnit&) = default;
};

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
    /// Services in systemd's state "failed", or "auto-restart" in between.
    std::map<std::string, FailedService> failed;
    std::map<std::string, TurnedUnit> turned; ///< by unit; by template for all its other instances
    /// Units that a reverted apply took back to TCP, although they are declared, and why.
    std::map<std::string, std::string> taken_back;
    Listeners listeners; ///< read only if there are open sockets
    /// The drop-ins that the generator wrote at the last start or daemon-reload, by unit or template.
    std::map<std::string, std::string> drop_ins;
    friend bool operator==(const ObservedUnits&, const ObservedUnits&) = default;
};

} // namespace keeper
