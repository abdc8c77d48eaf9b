// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/systemd_boolean.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace keeper {

std::optional<bool> parse_systemd_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes{"1", "yes", "y", "true", "t", "on"};
    constexpr std::array<std::string_view, 6> no{"0", "no", "n", "false", "f", "off"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char letter) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    });
    if (std::find(yes.begin(), yes.end(), lower) != yes.end()) {
        return true;
    }
    return std::find(no.begin(), no.end(), lower) != no.end() ? std::optional(false) : std::nullopt;
}

} // namespace keeper
