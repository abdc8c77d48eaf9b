// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "applications/run_scope.hpp"
#include "base/result.hpp"

namespace keeper {

/// Moves this process into a new scope of the service manager and waits, at most for a few seconds, until
/// that is done. The message of an error begins with what failed.
[[nodiscard]] Result<void> start_scope(const TransientScope& scope);

} // namespace keeper
