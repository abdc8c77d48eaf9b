#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "model/connection.hpp"

namespace keeper {

/// The processes that hold sockets with these inodes, as ConnectionDetailPort::processes() says. Stops
/// looking as soon as it has found all.
[[nodiscard]] ProcessesByInode processes_of_sockets(const std::set<std::uint64_t>& inodes);

/// The innermost systemd unit in the text of a /proc/PID/cgroup, of cgroup version 1 or 2; "" for none.
[[nodiscard]] std::string unit_of_cgroup(std::string_view text);

} // namespace keeper
