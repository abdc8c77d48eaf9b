#pragma once

#include <functional>
#include <memory>

#include "base/result.hpp"
#include "ports/connection_detail_port.hpp"
#include "ports/link_port.hpp"
#include "ports/mptcp_event_port.hpp"
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
    ConnectionDetailPort& connections;
    /// Both take signals for the process, so that they are opened only where they are used.
    std::function<Result<std::unique_ptr<MonitorPort>>()> open_monitor;
    std::function<Result<std::unique_ptr<ScreenPort>>()> open_screen;
};

} // namespace keeper::cli
