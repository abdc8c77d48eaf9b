#pragma once

#include <string>

#include "cli/description.hpp"

/// What the shells complete, from the program's own description.
namespace keeper::manual {

[[nodiscard]] std::string bash_completion(const cli::ProgramDescription& program);
[[nodiscard]] std::string zsh_completion(const cli::ProgramDescription& program);
[[nodiscard]] std::string fish_completion(const cli::ProgramDescription& program);

} // namespace keeper::manual
