// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <istream>
#include <string_view>

#include "base/result.hpp"

namespace keeper {

/// The address of a variable of the kernel, from the text of /proc/kallsyms. An error if it is not listed or
/// its address is hidden (kernel.kptr_restrict, or no CAP_SYSLOG).
[[nodiscard]] Result<std::uint64_t> kernel_symbol(std::istream& kallsyms, std::string_view name);

} // namespace keeper
