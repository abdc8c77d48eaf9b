// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// The words with the separator between each two; "" for no words.
[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view separator);

/// The words as a sentence lists them: "X", "X and Y", "X, Y and Z", or with another last word "X, Y or Z".
[[nodiscard]] std::string
enumerated(const std::vector<std::string>& words, std::string_view last_word = "and");

} // namespace keeper
