// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.hpp"

namespace keeper {

/// The kernel's id of this boot (/proc/sys/kernel/random/boot_id, a UUID).
[[nodiscard]] Result<std::string> boot_id();
/// The running kernel's release, uname(2): "6.1.0-18-amd64".
[[nodiscard]] std::string kernel_release();
/// Whether this process has CAP_NET_ADMIN in effect (capget(2)).
[[nodiscard]] bool has_net_admin();

} // namespace keeper
