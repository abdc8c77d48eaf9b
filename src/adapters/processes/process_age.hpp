#pragma once

#include <cstdint>
#include <optional>

namespace keeper {

/// When that process started, in clock ticks since the boot: together with its pid it names one process for
/// good. Nothing where there is no such process, or where /proc hides it.
[[nodiscard]] std::optional<std::uint64_t> start_time_of(std::int64_t pid);

/// Whether /proc shows this process the processes of other users.
[[nodiscard]] bool sees_other_processes();

} // namespace keeper
