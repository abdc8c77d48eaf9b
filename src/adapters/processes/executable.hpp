// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/executable.hpp"

namespace keeper {

/// Inspects a 32-bit or 64-bit ELF file.
[[nodiscard]] Executable inspect_executable(const std::string& file);

} // namespace keeper
