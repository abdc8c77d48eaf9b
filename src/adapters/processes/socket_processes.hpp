// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <set>

#include "model/connection.hpp"

namespace keeper {

/// The processes that hold sockets with these inodes; if several hold one, the one with the lowest pid.
/// Processes that may not be accessed are left out. Stops as soon as all are found.
[[nodiscard]] ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes);

} // namespace keeper
