#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "plan/plan.hpp"

namespace keeper {

/// Objects keep their keys in the order in which they are written down, as the contract shows them.
using Json = nlohmann::ordered_json;

/// A value as the contract writes it: a sysctl a string, a limit a number, an endpoint
/// {"interface","flags","id"}, a profile the list of its flags; null where there is none.
[[nodiscard]] Json json_of(const Value& value);
/// The text, or null where it is empty.
[[nodiscard]] Json text_or_null(const std::string& text);
/// The document with an indent of two, ended by a line feed. Broken UTF-8 is replaced, never an exception.
[[nodiscard]] std::string to_document(const Json& json);
/// The document on one line, without a line feed. Broken UTF-8 is replaced, never an exception.
[[nodiscard]] std::string to_text(const Json& json);
/// A document on one line, ended by a line feed; nothing of nothing.
[[nodiscard]] std::string to_line(const std::string& document);

} // namespace keeper
