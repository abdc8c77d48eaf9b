// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>

namespace keeper {

/// A regular expression (ECMAScript) that must match a whole string, with its source text for the schema.
/// Compiled on first use: most files use few of the grammar's patterns, and compiling all of them takes as
/// long as the rest of a short command.
class Pattern {
  public:
    /// Longer strings never match: std::regex recurses once per character.
    static constexpr std::size_t longest_text = 255;

    explicit Pattern(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool fits(std::string_view whole) const {
        if (whole.size() > longest_text) {
            return false;
        }
        if (!compiled_) {
            compiled_.emplace(text_);
        }
        return std::regex_match(whole.begin(), whole.end(), *compiled_);
    }

  private:
    std::string text_;
    mutable std::optional<std::regex> compiled_;
};

} // namespace keeper
