#pragma once

#include <optional>
#include <string_view>

#include "config/yaml/yaml_document.hpp"

namespace keeper {

/// What makes the bytes unfit for a YAML parser: too many of them, not UTF-8, control characters, too many
/// brackets. Nothing where they are fit.
[[nodiscard]] std::optional<YamlRefusal> refusal_of_text(std::string_view text);

} // namespace keeper
