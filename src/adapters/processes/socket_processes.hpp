#pragma once

#include <cstdint>
#include <set>

#include "model/connection.hpp"

namespace keeper {

/// The processes that hold sockets with these inodes; of several that hold one, the one with the lowest pid.
/// Those of processes that may not be looked at are left out. Stops looking as soon as it has found all.
[[nodiscard]] ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes);

} // namespace keeper
