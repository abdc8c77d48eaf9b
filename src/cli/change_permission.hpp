// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "base/result.hpp"
#include "cli/environment.hpp"

/// What every command that changes the host needs.
namespace keeper::cli {

/// ErrorKind::not_permitted without CAP_NET_ADMIN.
[[nodiscard]] Result<void> require_net_admin(Environment& env);

/// Takes the lock that all writers take and waits for it if necessary. An Error without CAP_NET_ADMIN, or if
/// another process does not release the lock.
[[nodiscard]] Result<std::unique_ptr<LockPort::Guard>> lock_for_change(Environment& env);

} // namespace keeper::cli
