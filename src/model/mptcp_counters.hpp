#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace keeper {

/// The kernel's MPTcpExt counters by name. They count since the network namespace was made and differ from
/// release to release: a name that is missing is not the same as 0.
using MptcpCounters = std::map<std::string, std::uint64_t>;

/// Reads the MPTcpExt rows of the text of /proc/net/netstat: a line of names and a line of values. Empty
/// where the kernel has none, or where the two lines do not fit each other.
[[nodiscard]] MptcpCounters parse_mptcp_counters(std::string_view netstat);

/// The counter's value; 0 where this kernel does not count it.
[[nodiscard]] std::uint64_t counter(const MptcpCounters& counters, const std::string& name);

/// Those that are not 0.
[[nodiscard]] MptcpCounters non_zero(const MptcpCounters& counters);

/// What grew from one reading to the other, and by how much.
[[nodiscard]] MptcpCounters growth(const MptcpCounters& before, const MptcpCounters& after);

/// What the counter counts, after the comments of Linux' net/mptcp/mib.h; "" for an unknown name.
[[nodiscard]] std::string_view meaning_of_counter(std::string_view name);

} // namespace keeper
