// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <set>

#include "base/result.hpp"
#include "model/socket_unit.hpp"

namespace keeper {

/// The listening TCP and MPTCP sockets of this network namespace; requires no privilege.
[[nodiscard]] Result<Listeners> list_listeners();

/// The inodes of the listening TCP sockets, including those that belong to MPTCP sockets. Empty if they
/// cannot be listed.
[[nodiscard]] std::set<std::uint64_t> list_listener_inodes();

} // namespace keeper
