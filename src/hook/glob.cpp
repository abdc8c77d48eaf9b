// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hook/glob.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <fnmatch.h>

namespace keeper {

namespace {

using Set = std::array<unsigned char, 32>;
using Tokens = std::vector<unsigned short>;

unsigned short token_of(char c) {
    return static_cast<unsigned char>(c);
}

/// The length of a class ([:alpha:]), an equivalence class ([=a=]) or a collating symbol ([.a.]) at the start
/// of the text; 0 if there is none.
std::size_t length_of_class(std::string_view text) {
    if (text.size() < 2 || text[0] != '[' || std::string_view(":=.").find(text[1]) == text.npos) {
        return 0;
    }
    const std::size_t end = text.find(std::string{text[1], ']'}, 2);
    if (end == text.npos) {
        return 0;
    }
    const std::string_view name = text.substr(2, end - 2);
    const bool is_class = std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    const bool is_valid = text[1] == ':' ? is_class : text[1] == '=' ? name.size() == 1 : true;
    return is_valid ? end + 2 : 0;
}

/// The end, after the closing bracket, of the bracket expression at the start of the text; npos if the
/// opening bracket is an ordinary character.
std::size_t end_of_brackets(std::string_view text) {
    std::size_t at = 1;
    if (at < text.size() && (text[at] == '!' || text[at] == '^')) {
        ++at;
    }
    for (const std::size_t first = at; at < text.size();) {
        if (text[at] == ']' && at > first) {
            return at + 1;
        }
        if (const std::size_t length = length_of_class(text.substr(at)); length != 0) {
            at += length;
            continue;
        }
        at += text[at] == '\\' ? 2 : 1;
        if (at + 1 < text.size() && text[at] == '-' && text[at + 1] != ']') {
            at += text[at + 1] == '\\' ? 3 : 2; // the end of a range is never the start of a class
        }
    }
    return text.npos;
}

/// The bytes that a bracket expression accepts, determined by fnmatch(3) itself.
Set accepted_bytes(std::string_view expression) {
    Set set{};
    const std::string glob(expression);
    for (unsigned byte = 1; byte < 256; ++byte) {
        const char name[] = {static_cast<char>(byte), '\0'};
        if (::fnmatch(glob.c_str(), name, 0) == 0) {
            set[byte / 8] = static_cast<unsigned char>(set[byte / 8] | 1U << byte % 8);
        }
    }
    return set;
}

/// The token of a set; std::nullopt if there is no room for another one.
std::optional<unsigned short> token_of_set(hook_rules& rules, const Set& set) {
    unsigned number = 0;
    while (number < rules.set_count && !std::equal(set.begin(), set.end(), rules.sets[number])) {
        ++number;
    }
    if (number == hook_sets) {
        return std::nullopt;
    }
    if (number == rules.set_count) {
        std::ranges::copy(set, rules.sets[number]);
        ++rules.set_count;
    }
    return static_cast<unsigned short>(hook_token_set + number);
}

/// std::nullopt if there is no room for another set.
std::optional<Tokens> compile(hook_rules& rules, std::string_view glob) {
    Tokens tokens;
    while (!glob.empty()) {
        std::size_t used = 1;
        if (glob[0] == '*') {
            tokens.push_back(hook_token_star);
        } else if (glob[0] == '?') {
            tokens.push_back(hook_token_any);
        } else if (glob[0] == '[' && end_of_brackets(glob) != glob.npos) {
            used = end_of_brackets(glob);
            const auto token = token_of_set(rules, accepted_bytes(glob.substr(0, used)));
            if (!token) {
                return std::nullopt;
            }
            tokens.push_back(*token);
        } else if (glob == "\\") {
            return Tokens{0}; // matches nothing, since no name has this byte
        } else if (glob[0] == '\\') {
            used = 2;
            tokens.push_back(token_of(glob[1]));
        } else {
            tokens.push_back(token_of(glob[0]));
        }
        glob.remove_prefix(used);
    }
    return tokens;
}

Result<void> add(hook_rules& rules, const Tokens& tokens, hook_where where, hook_effect effect) {
    if (rules.count == hook_patterns || tokens.size() >= hook_tokens) {
        return fail(
            "the request has more than " + std::to_string(hook_patterns) + " names, or too long a one");
    }
    hook_pattern& pattern = rules.patterns[rules.count++];
    pattern.where = static_cast<unsigned short>(where);
    pattern.effect = static_cast<unsigned short>(effect);
    pattern.length = static_cast<unsigned short>(tokens.size());
    std::ranges::copy(tokens, pattern.tokens);
    return {};
}

} // namespace

Result<void> add_glob(hook_rules& rules, std::string_view glob, hook_where where, hook_effect effect) {
    const auto tokens = compile(rules, glob);
    if (!tokens) {
        return fail(
            "the globs of the request have more than " + std::to_string(hook_sets) + " different sets");
    }
    return add(rules, *tokens, where, effect);
}

Result<void> add_name(hook_rules& rules, std::string_view name, hook_where where, hook_effect effect) {
    Tokens tokens;
    std::ranges::transform(name, std::back_inserter(tokens), token_of);
    return add(rules, tokens, where, effect);
}

} // namespace keeper
