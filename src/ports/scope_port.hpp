// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "model/hook_state.hpp"

namespace keeper {

/// The program hook of mptcp-keeper-bpf, and the scopes of systemd in which it acts on request.
class ScopePort {
  public:
    virtual ~ScopePort() = default;

    /// Asks the kernel; requires no privilege.
    [[nodiscard]] virtual HookState hook_state() = 0;
    /// Moves this process into a new scope that lasts as long as the processes in it. Succeeds only if its
    /// new TCP sockets are MPTCP sockets there. `program` is part of the description of the scope. The
    /// message of an error says what is missing and what to do.
    [[nodiscard]] virtual Result<void> enter_scope(std::string_view program) = 0;
};

} // namespace keeper
