#pragma once

#include <string>
#include <string_view>

#include "model/process.hpp"

namespace keeper {

/// Looks at every process in /proc. Changes nothing, and asks the processes nothing.
[[nodiscard]] ProcessList list_processes();

/// The innermost service or scope of a /proc/PID/cgroup, of cgroup version 1 or 2; "" for none.
[[nodiscard]] std::string service_of_cgroup(std::string_view text);

} // namespace keeper
