// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace keeper {

/// Whether the text consists of one or more digits.
[[nodiscard]] inline bool is_all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace keeper
