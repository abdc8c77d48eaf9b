// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "cli/description.hpp"

/// Completion scripts for shells, generated from the description of the command line.
namespace keeper::manual {

[[nodiscard]] std::string bash_completion(const cli::ProgramDescription& program);
[[nodiscard]] std::string zsh_completion(const cli::ProgramDescription& program);
[[nodiscard]] std::string fish_completion(const cli::ProgramDescription& program);

} // namespace keeper::manual
