// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/grammar/pattern.hpp"

namespace keeper {

// The grammar of the configuration file. Validation (validate.hpp) and the JSON Schema (schema.cpp) are both
// generated from it; no other code describes the file's format. Rules that a schema cannot express (keys that
// exclude each other, a name that is already used) are checked by the sections.

struct Spec;

/// true or false.
struct BooleanForm {
    bool also_digits = false; ///< 0 and 1 are accepted as well, also in quotes
};

/// A whole number in plain decimal.
struct IntegerForm {
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    std::string unit = {};    ///< "s" for seconds, otherwise empty
    bool also_quoted = false; ///< digits in quotes are accepted as well
};

/// A string that matches a pattern.
struct TextForm {
    Pattern pattern;
    std::size_t max_length = 0; ///< in bytes
    std::string expected = {};  ///< "an address": completes "must be …"
    bool also_number = false;   ///< an unquoted number is accepted as a string
    /// What is wrong with a string that matches the pattern, or what to write instead of one that does not;
    /// empty if there is nothing to add. Not part of the schema.
    std::string (*remark)(std::string_view text) = nullptr;
};

/// One of several words.
struct ChoiceForm {
    std::vector<std::string> names;
};

/// A set of words, each at most once: a list, or one string with commas between them.
struct WordsForm {
    std::vector<std::string> names;
    /// What to write instead of an unknown word; empty if there is nothing to add.
    std::string (*remark)(std::string_view word) = nullptr;
};

/// A list of values of one form.
struct ListForm {
    std::vector<Spec> item;   ///< exactly one
    bool also_single = false; ///< a single value without a list is accepted as well
    bool may_be_empty = true;
};

struct KeySpec;

/// Keys that are accepted in addition to the known ones.
struct OpenKeys {
    Pattern pattern;
    std::string expected;    ///< which characters a key may have, as a sentence
    std::vector<Spec> value; ///< exactly one
    std::string noun;        ///< what such a key is called in a message: "sysctl"
    /// The known key that an unknown one most likely means, in which case it is refused; std::nullopt if it
    /// is accepted.
    std::optional<std::string> (*meant)(std::string_view name) = nullptr;
};

/// Keys with values.
struct MapForm {
    std::vector<KeySpec> keys;
    std::optional<OpenKeys> open;
    std::string key_prefix; ///< an optional prefix of every key: "net.mptcp."
    bool may_be_empty = true;
};

using Form = std::variant<BooleanForm, IntegerForm, TextForm, ChoiceForm, WordsForm, ListForm, MapForm>;

/// Describes a value.
struct Spec {
    std::string help; ///< one sentence
    Form form;
    bool nullable = false;
};

/// A key of a map and its value.
struct KeySpec {
    std::string name;
    Spec value;
    bool is_required = false;
    std::string refusal = {}; ///< not empty: the key is recognised and refused with this message
};

/// The grammar of a whole file.
[[nodiscard]] const Spec& config_grammar();

/// The key with that name; null if there is none.
[[nodiscard]] const KeySpec* find_key(const MapForm& map, std::string_view name);
/// The names of all keys that are not refused.
[[nodiscard]] std::vector<std::string> key_names(const MapForm& map);

} // namespace keeper
