// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/result.hpp"
#include "model/found_program.hpp"

namespace keeper {

/// Searches a program as execvp(3) does, and inspects the file that the kernel would load for it.
/// ErrorKind::unavailable: there is none; failed: there is one, but it may not be executed.
[[nodiscard]] Result<FoundProgram> locate_program(const std::string& name);

/// Why a program cannot be run; ErrorKind::unavailable if it does not exist.
[[nodiscard]] Error cannot_run(const std::string& name, int error_number);

} // namespace keeper
