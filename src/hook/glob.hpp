// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "hook/decision.h"

namespace keeper {

/// Appends the pattern to the rules. The glob means what it means to fnmatch(3) without flags in the locale
/// C. An error if the rules have no room for it.
[[nodiscard]] Result<void>
add_glob(hook_rules& rules, std::string_view glob, hook_where where, hook_effect effect);

/// Like add_glob(), for a name in which no character is special.
[[nodiscard]] Result<void>
add_name(hook_rules& rules, std::string_view name, hook_where where, hook_effect effect);

} // namespace keeper
