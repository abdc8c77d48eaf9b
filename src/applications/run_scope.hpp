// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace keeper {

/// Where a process is that asks for a scope.
struct ScopeSurroundings {
    std::string cgroup; ///< its /proc/self/cgroup
    std::uint32_t user = 0;
    bool has_systemd = false;     ///< systemd is the service manager of this host or container
    bool is_main_process = false; ///< a service manager started it as the main process of a service
    /// Where this user's service manager can be reached, for root that of the host: the socket of the message
    /// bus or, as systemctl(1) does, its own, systemd/private. Empty if there is none.
    std::string manager_socket;
};

/// A scope of systemd for the process that asks for it.
struct TransientScope {
    std::string socket; ///< of the service manager's message bus or, with systemd/private, its own
    bool is_message_bus = true;
    std::string name;  ///< of the unit
    std::string slice; ///< empty: the service manager's default
    std::string description;
};

/// The path in the hierarchy of cgroup v2 of a /proc/PID/cgroup; std::nullopt if it is not used.
[[nodiscard]] std::optional<std::string_view> path_in_cgroup2(std::string_view cgroup);

/// The scope for a process, in the slice in which it is, so that limits and accounting of the slice stay. The
/// program hook recognises scopes by their names: mptcp-keeper-run-*.scope. `unique` makes the name differ
/// from all others. The message of an error says what is missing and what to do.
[[nodiscard]] Result<TransientScope>
run_scope(const ScopeSurroundings& surroundings, std::string_view unique, std::string_view program);

/// Why a process's sockets are still TCP sockets although it asked for that scope.
[[nodiscard]] std::string why_scope_has_no_effect(std::string_view scope, std::string_view cgroup);

} // namespace keeper
