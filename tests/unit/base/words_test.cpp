// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text/join.hpp"
#include "base/text/words.hpp"
#include "support/dice.hpp"

namespace keeper {
namespace {

std::vector<std::string> words_by_stream(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::vector<std::string> taken_fields(std::string_view text, char separator) {
    std::vector<std::string> fields;
    while (!text.empty()) {
        fields.emplace_back(take_field(text, separator));
    }
    return fields;
}

TEST(Words, AreThoseThatAStreamReads) {
    constexpr std::uint32_t seed = 20261202;
    test::Dice dice(seed);
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (std::uint32_t count = dice.below(12); count > 0; --count) {
            text += dice.any_of<char>({'a', 'b', ' ', '\t', '\n', '\v', '\f', '\r'});
        }
        const auto words = words_of(text);
        EXPECT_EQ(std::vector<std::string>(words.begin(), words.end()), words_by_stream(text))
            << "seed " << seed << ", round " << round;
    }
}

TEST(Words, AreSplitAtAnyOfTheSeparators) {
    EXPECT_EQ(words_of("  a=\"b\"  c", " \"="), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_EQ(words_of(", ,", ", "), std::vector<std::string_view>{});
    EXPECT_EQ(words_of("a b", ","), std::vector<std::string_view>{"a b"});
}

TEST(Words, AreTakenOneByOne) {
    std::string_view text = " table inet  filter";
    EXPECT_EQ(take_word(text), "table");
    EXPECT_EQ(text, " inet  filter");
    EXPECT_EQ(take_word(text), "inet");
    EXPECT_EQ(take_word(text), "filter");
    EXPECT_EQ(take_word(text), "");
    EXPECT_EQ(text, "");
}

TEST(Fields, MayBeEmpty) {
    EXPECT_EQ(taken_fields("a::b", ':'), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(taken_fields(":a", ':'), (std::vector<std::string>{"", "a"}));
    EXPECT_EQ(taken_fields("a:", ':'), (std::vector<std::string>{"a"}));
    EXPECT_EQ(taken_fields("", ':'), std::vector<std::string>{});
}

TEST(Fields, ThatAreJoinedAreTheSameAgain) {
    constexpr std::uint32_t seed = 20261203;
    test::Dice dice(seed);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> fields;
        for (std::uint32_t count = dice.below(5); count > 0; --count) {
            fields.push_back(std::string(dice.below(3), 'x'));
        }
        fields.emplace_back("last"); // an empty field at the end leaves no trace
        EXPECT_EQ(taken_fields(joined(fields, ":"), ':'), fields) << "seed " << seed << ", round " << round;
    }
}

} // namespace
} // namespace keeper
