// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/text/join.hpp"
#include "base/text/nearest.hpp"
#include "base/text/printable.hpp"

namespace keeper::cli {

/// A word that an option accepts, and its meaning.
template <class T>
struct Choice {
    std::string_view name;
    T value;
};

template <class T, std::size_t N>
[[nodiscard]] std::vector<std::string> names_of(const std::array<Choice<T>, N>& choices) {
    std::vector<std::string> names;
    for (const auto& choice : choices) {
        names.emplace_back(choice.name);
    }
    return names;
}

/// `unknown command "statsu"; did you mean "status"?`, or the list of what is expected.
[[nodiscard]] inline std::string
unknown_word(const std::string& what, std::string_view word, const std::vector<std::string>& names) {
    const auto near = nearest(word, names);
    return "unknown " + what + " " + quoted_name(word) +
           (near ? "; did you mean " + quoted_name(*near) + "?" : "; expected " + enumerated(names, "or"));
}

template <class T, std::size_t N>
[[nodiscard]] Result<T>
parse_choice(const std::string& what, const std::array<Choice<T>, N>& choices, std::string_view word) {
    for (const auto& choice : choices) {
        if (choice.name == word) {
            return choice.value;
        }
    }
    return fail(unknown_word(what, word, names_of(choices)));
}

} // namespace keeper::cli
