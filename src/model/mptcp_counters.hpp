// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace keeper {

/// The kernel's MPTcpExt counters by name. They count from the creation of the network namespace, and each
/// kernel release has its own set: a missing name is not the same as 0.
using MptcpCounters = std::map<std::string, std::uint64_t>;

/// Parses the MPTcpExt rows of /proc/net/netstat: a line of names and a line of values. Empty if the kernel
/// has none, or if the two lines differ in length.
[[nodiscard]] MptcpCounters parse_mptcp_counters(std::string_view netstat);

/// The counter's value; 0 if this kernel does not have it.
[[nodiscard]] std::uint64_t counter(const MptcpCounters& counters, const std::string& name);

/// The counters that are not 0.
[[nodiscard]] MptcpCounters non_zero(const MptcpCounters& counters);

/// The counters that increased from one reading to the next, with the increase.
[[nodiscard]] MptcpCounters growth(const MptcpCounters& before, const MptcpCounters& after);

/// What the counter counts, based on the comments in Linux net/mptcp/mib.h; "" for an unknown name.
[[nodiscard]] std::string_view meaning_of_counter(std::string_view name);

} // namespace keeper
