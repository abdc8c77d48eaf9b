#pragma once

#include "base/result.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// Who listens in this network namespace, by TCP and by MPTCP; takes no privilege.
[[nodiscard]] Result<Listeners> list_listeners();

} // namespace keeper
