// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/change_permission.hpp"

namespace keeper::cli {

Result<void> require_net_admin(Environment& env) {
    if (!env.processes.has_net_admin()) {
        return fail(
            ErrorKind::not_permitted, "changing the network configuration requires root or CAP_NET_ADMIN");
    }
    return {};
}

Result<std::unique_ptr<LockPort::Guard>> lock_for_change(Environment& env) {
    if (const auto permitted = require_net_admin(env); !permitted) {
        return propagate(permitted);
    }
    return env.lock.lock([&] { env.console.warning("waiting for another run of mptcp-keeper to end"); });
}

} // namespace keeper::cli
