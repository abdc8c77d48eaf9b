#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace keeper {

/// Without the blanks (space, tab, carriage return) at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The words with the separator between each two; "" for no words.
[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view separator);

} // namespace keeper
