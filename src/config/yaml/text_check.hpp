// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>

#include "config/yaml/yaml_document.hpp"

namespace keeper {

/// Why the text must not be given to a YAML parser: too large, not UTF-8, control characters, too many
/// brackets. std::nullopt if it may.
[[nodiscard]] std::optional<YamlRefusal> refusal_of_text(std::string_view text);

} // namespace keeper
