// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace keeper {

/// When that process started, in clock ticks since the boot: together with the pid this identifies a process
/// uniquely. std::nullopt if there is no such process, or if /proc hides it.
[[nodiscard]] std::optional<std::uint64_t> start_time_of(std::int64_t pid);

/// Whether /proc shows the processes of other users to this process.
[[nodiscard]] bool sees_other_processes();

} // namespace keeper
