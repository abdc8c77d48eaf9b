// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.hpp"
#include "model/observed_program_hook.hpp"

namespace keeper {

/// The BPF program of the package mptcp-keeper-bpf. It is attached and detached by a service, since only that
/// has rights over BPF.
class ProgramHookPort {
  public:
    virtual ~ProgramHookPort() = default;

    /// Requires no privilege and is cheap, so that it can be polled. Unless it `is_declared`, obstacles to
    /// attaching it are looked for only as far as they also concern detaching it.
    [[nodiscard]] virtual ObservedProgramHook observe(bool is_declared) = 0;

    /// Stores the request (hook_request.hpp) that the service attaches when it starts; empty: none. The boot
    /// starts it, and so does an upgrade of its package.
    [[nodiscard]] virtual Result<void> prepare(const std::string& request) = 0;
    /// Attaches the program with that request in place of the attached one. There is no moment without a
    /// program in between. ErrorKind::unsupported: the kernel refused it.
    [[nodiscard]] virtual Result<void> attach(const std::string& request) = 0;
    /// Success if none is attached.
    [[nodiscard]] virtual Result<void> detach() = 0;
};

} // namespace keeper
