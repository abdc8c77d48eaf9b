#pragma once

#include <regex>
#include <string>
#include <string_view>

namespace keeper {

/// A regular expression (ECMAScript) for whole texts, together with its own text for the schema. A value.
class Pattern {
  public:
    /// Texts that are longer never fit: std::regex recurses for each character.
    static constexpr std::size_t longest_text = 255;

    explicit Pattern(std::string text) : text_(std::move(text)), compiled_(text_) {}

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool fits(std::string_view whole) const {
        return whole.size() <= longest_text && std::regex_match(whole.begin(), whole.end(), compiled_);
    }

  private:
    std::string text_;
    std::regex compiled_;
};

} // namespace keeper
