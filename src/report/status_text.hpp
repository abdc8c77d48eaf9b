// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "report/style.hpp"
#include "status/status.hpp"

namespace keeper {

/// A summary, then an aligned table for each section.
[[nodiscard]] std::string status_text(const Status& status, Colour colour);

/// What the daemon does, for a status without a declaration to compare the host with.
[[nodiscard]] std::string daemon_text(const DaemonStatus& daemon, Colour colour);

} // namespace keeper
