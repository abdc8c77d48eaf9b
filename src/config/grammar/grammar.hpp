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

// The description of the file's grammar. Validation (validate.hpp) and the JSON Schema (schema.cpp) are both
// made from it, and nothing else describes what a file may hold; what no schema can express (two keys that
// exclude each other, a name that is taken) is left to the sections.

struct Spec;

/// true or false.
struct BooleanForm {
    bool also_digits = false; ///< 0 and 1 as well, also in quotes
    std::string no_true = {}; ///< not empty: true is understood, and refused with this sentence
};

/// A whole number in plain decimal.
struct IntegerForm {
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    std::string unit;         ///< "s" for seconds, otherwise empty
    bool also_quoted = false; ///< digits in quotes too
};

/// A text that fits a pattern.
struct TextForm {
    Pattern pattern;
    std::size_t max_length = 0; ///< in bytes
    std::string expected;       ///< "an address": completes "must be …"
    bool also_number = false;   ///< a plain number is a text as well
    /// What is wrong with a text that fits the pattern, or what to write instead of one that does not; empty
    /// where there is nothing to say. No schema knows of it.
    std::string (*remark)(std::string_view text) = nullptr;
};

/// One of a few words.
struct ChoiceForm {
    std::vector<std::string> names;
};

/// Some of a few words, each once: a list, or one text with commas between them.
struct WordsForm {
    std::vector<std::string> names;
    /// What to write instead of a word that is none of them; empty where there is nothing to say.
    std::string (*remark)(std::string_view word) = nullptr;
};

/// A list of values of one kind.
struct ListForm {
    std::vector<Spec> item;   ///< exactly one
    bool also_single = false; ///< one value without a list around it
    bool may_be_empty = true;
};

struct KeySpec;

/// Keys beside those that are known.
struct OpenKeys {
    Pattern pattern;
    std::string expected;    ///< what a key must be made of, as a sentence
    std::vector<Spec> value; ///< exactly one
    std::string kind;        ///< what such a key is, in a message: "sysctl"
    /// The known key that this unknown one most likely means, and for which it is refused; nothing where it
    /// may stand.
    std::optional<std::string> (*meant)(std::string_view name) = nullptr;
};

/// Keys with values.
struct MapForm {
    std::vector<KeySpec> keys;
    std::optional<OpenKeys> open;
    std::string key_prefix; ///< may stand before a key: "net.mptcp."
    bool may_be_empty = true;
};

using Form = std::variant<BooleanForm, IntegerForm, TextForm, ChoiceForm, WordsForm, ListForm, MapForm>;

/// What a value may be.
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
    std::string refusal = {}; ///< not empty: the key is understood, and refused with this sentence
};

/// The grammar of a whole file.
[[nodiscard]] const Spec& config_grammar();

/// The key with that name, or nothing.
[[nodiscard]] const KeySpec* find_key(const MapForm& map, std::string_view name);
/// The names of all keys that are not refused.
[[nodiscard]] std::vector<std::string> key_names(const MapForm& map);

} // namespace keeper
