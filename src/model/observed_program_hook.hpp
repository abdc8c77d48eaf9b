// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace keeper {

/// Why the BPF program that `applications.all` and `slices` require cannot be attached on this host.
enum class HookObstacle {
    none,
    other_network, ///< this process is not in the host's network namespace, the only one that it covers
    no_systemd,    ///< the service that attaches it cannot be started
    no_cgroup2,    ///< units are in cgroup version 1, whose names the program does not see
    no_hook,       ///< the kernel has no update_socket_protocol(), or no BTF that shows it
    no_package,    ///< mptcp-keeper-bpf is not installed
    refused,       ///< the kernel refused it at the last attempt
};

/// The BPF program that turns sockets of programs into MPTCP sockets.
struct ObservedProgramHook {
    HookObstacle obstacle = HookObstacle::none;
    std::string refusal = {}; ///< why the kernel refused it at the last attempt; empty if it did not
    bool is_attached = false; ///< shown by a socket() call, not by files
    /// The request (hook_request.hpp) of the attached program; empty if that is not known.
    std::string request = {};
    std::string prepared = {}; ///< the request that the service would attach now; empty: none
    friend bool operator==(const ObservedProgramHook&, const ObservedProgramHook&) = default;
};

} // namespace keeper
