// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/result.hpp"

namespace keeper::cli {

/// The exit codes of the program; 64, 65 and 77 are those of sysexits.h.
enum class ExitCode {
    done = 0,
    failed = 1,
    differs = 2,
    reverted = 3, ///< `try` that was not confirmed
    usage = 64,
    invalid_configuration = 65,
    not_permitted = 77,
    cannot_run_program = 126, ///< `run`, like shells and env(1)
    no_such_program = 127,
};

/// The exit code of a command that failed with this error.
[[nodiscard]] ExitCode exit_code_of(const Error& error);

} // namespace keeper::cli
