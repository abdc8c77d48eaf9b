#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace keeper {

/// What a program wrote to its standard output, and how it ended.
struct ProgramOutput {
    int exit_code = 0;
    std::string out;
    std::string err;
};
/// Runs a program of the usual system folders to its end, without a shell, in the C locale, its standard
/// input empty. ErrorKind::unavailable: it is not installed; timed_out: it was ended after the time limit.
[[nodiscard]] Result<ProgramOutput>
run_program(const std::vector<std::string>& command, std::chrono::milliseconds time_limit);

} // namespace keeper
