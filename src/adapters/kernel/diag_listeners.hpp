// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/result.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// The listening TCP and MPTCP sockets of this network namespace; requires no privilege.
[[nodiscard]] Result<Listeners> list_listeners();

} // namespace keeper
