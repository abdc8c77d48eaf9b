// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "cli/console.hpp"

namespace keeper::cli {

/// The options that are accepted before and after the command.
struct GlobalOptions {
    std::optional<std::string> config; ///< one file ("-" for standard input) instead of the search path
    std::string root;                  ///< of an unbooted tree; "" for the running system
    bool json = false;
    LogLevel log_level = LogLevel::warning;
};

} // namespace keeper::cli
