#pragma once

#include "base/result.hpp"

namespace keeper::cli {

/// The exit codes of the contract; those from 64 on are sysexits.h's.
enum class ExitCode {
    done = 0,
    failed = 1,
    differs = 2,
    usage = 64,
    invalid_configuration = 65,
    not_permitted = 77,
    cannot_run_program = 126, ///< `run`, as shells and env(1) have it
    no_such_program = 127,
};

/// The exit code of a command that this error ended.
[[nodiscard]] ExitCode exit_code_of(const Error& error);

} // namespace keeper::cli
