#pragma once

#include <functional>
#include <memory>
#include <set>

#include "base/result.hpp"
#include "ports/connection_port.hpp"
#include "ports/link_port.hpp"
#include "ports/monitor_port.hpp"
#include "ports/path_manager_port.hpp"
#include "ports/profile_port.hpp"
#include "ports/screen_port.hpp"
#include "ports/sysctl_port.hpp"

namespace keeper::cli {

/// What monitor and connections look at, without the engine between.
struct LivePorts {
    SysctlPort& sysctls;
    PathManagerPort& path_manager;
    LinkPort& links;
    ProfilePort& profiles;
    ConnectionPort& connections;
    /// Who holds sockets with these inodes. A socket of a process that may not be looked at is left out;
    /// where several hold one, it is the one with the lowest pid.
    std::function<ProcessesByInode(const std::set<std::uint64_t>& inodes)> processes_of_sockets;
    /// Both take signals for the process, so that they are opened only where they are used.
    std::function<Result<std::unique_ptr<MonitorPort>>()> open_monitor;
    std::function<Result<std::unique_ptr<ScreenPort>>(ScreenUse)> open_screen;
};

} // namespace keeper::cli
