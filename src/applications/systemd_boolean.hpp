// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>

namespace keeper {

/// A boolean in a unit file (systemd.syntax(7)), in upper or lower case; std::nullopt for other text, with
/// which systemd ignores the line.
[[nodiscard]] std::optional<bool> parse_systemd_boolean(std::string_view text);

} // namespace keeper
