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

/// Reports everything in the node that the spec refuses, and marks what was refused as not sound, so that
/// what stands beside it can still be looked at. `name` says what the value is in messages ("subflows").
/// Returns whether the node itself is sound; a map or list is not when something required is missing in it.
bool validate(YamlNode& node, const Spec& spec, std::string_view name, FileReport& report);

/// A word of a list of words or of a text with commas.
struct Word {
    std::string text;
    Place place;
};
/// The words of a node that a WordsForm describes, without the blanks around them.
[[nodiscard]] std::vector<Word> split_words(const YamlNode& node);

/// A sound scalar as a number; it was validated as an IntegerForm.
[[nodiscard]] std::int64_t to_integer(const YamlNode& node);
/// A sound scalar as a boolean; it was validated as a BooleanForm.
[[nodiscard]] bool to_boolean(const YamlNode& node);
/// The sound values of a list, or the one value that stands for a list.
[[nodiscard]] std::vector<const YamlNode*> elements(const YamlNode& node);

} // namespace keeper
