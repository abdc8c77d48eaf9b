// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/grammar/grammar.hpp"
#include "config/yaml/yaml_document.hpp"

namespace keeper {

/// Reports everything in the node that the spec refuses and marks it as not valid, so that its siblings can
/// still be checked. `name` names the value in messages ("subflows"). Returns whether the node itself is
/// valid; a map is not if a required key is missing.
bool validate(YamlNode& node, const Spec& spec, std::string_view name, FileReport& report);

/// A word of a list or of a string with commas.
struct Word {
    std::string text;
    Place place;
};
/// The words of a node that a WordsForm describes, without surrounding whitespace.
[[nodiscard]] std::vector<Word> split_words(const YamlNode& node);

/// A valid scalar as a number; it was validated as an IntegerForm.
[[nodiscard]] std::int64_t to_integer(const YamlNode& node);
/// A valid scalar as a boolean; it was validated as a BooleanForm.
[[nodiscard]] bool to_boolean(const YamlNode& node);
/// The valid values of a list, or the single value given instead of a list.
[[nodiscard]] std::vector<const YamlNode*> elements(const YamlNode& node);

} // namespace keeper
