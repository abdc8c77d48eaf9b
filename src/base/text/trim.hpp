// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace keeper {

/// The text without the blanks (space, tab, carriage return) at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace keeper
