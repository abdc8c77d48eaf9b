// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace keeper {

/// Why the BPF program that `applications.all` and `slices` require cannot be attached on this host.
enum class HookObstacle {
    none,
    other_network, ///< this process is not in the host's network namespace, the only one that it covers
    no_systemd,    ///< the service that attaches it cannot be started
    no_package,    ///< mptcp-keeper-bpf is not installed
    no_hook,       ///< the kernel has no update_socket_protocol(), or no BTF that shows it
    refused,       ///< the kernel refused it at the last attempt
};

/// The BPF program that turns sockets of programs into MPTCP sockets.
struct ObservedProgramHook {
    HookObstacle obstacle = HookObstacle::none;
    std::string refusal = {}; ///< with HookObstacle::refused: the reason
    bool is_attached = false; ///< shown by a socket() call, not by files
    /// The request (hook_request.hpp) of the attached program; empty if that is not known.
    std::string request = {};
    friend bool operator==(const ObservedProgramHook&, const ObservedProgramHook&) = default;
};

} // namespace keeper
