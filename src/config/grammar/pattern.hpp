#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace keeper {

/// A regular expression (ECMAScript) for whole texts, together with its own text for the schema. A value.
/// Compiled when first asked: most files use few of the grammar's patterns, and compiling them all takes as
/// long as everything else that a short command does.
class Pattern {
  public:
    /// Texts that are longer never fit: std::regex recurses for each character.
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
