// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace keeper {

/// The exit code of a program, and what it wrote to standard output and standard error.
struct ProgramOutput {
    int exit_code = 0;
    std::string out;
    std::string err;
};
/// Runs a program of the usual system folders to its end, without a shell, in the C locale, with empty
/// standard input. ErrorKind::unavailable: it is not installed; timed_out: it was killed after the time
/// limit.
[[nodiscard]] Result<ProgramOutput>
run_program(const std::vector<std::string>& command, std::chrono::milliseconds time_limit);

} // namespace keeper
