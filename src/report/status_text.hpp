#pragma once

#include <string>

#include "report/style.hpp"
#include "status/status.hpp"

namespace keeper {

/// The status as aligned tables, a section for each kind of item, a summary at the top.
[[nodiscard]] std::string status_text(const Status& status, Colour colour);

/// What the daemon does, for a status without a declaration to compare the host with.
[[nodiscard]] std::string daemon_text(const DaemonStatus& daemon, Colour colour);

} // namespace keeper
