// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text/utf8.hpp"
#include "support/dice.hpp"

namespace keeper {
namespace {

TEST(Utf8, DecodesTheFirstAndLastCharactersOfEachLength) {
    const std::vector<std::pair<std::string, char32_t>> characters{
        {std::string(1, '\0'), 0},
        {"\x7f", 0x7f},
        {"\xc2\x80", 0x80},
        {"\xdf\xbf", 0x7ff},
        {"\xe0\xa0\x80", 0x800},
        {"\xef\xbf\xbf", 0xffff},
        {"\xf0\x90\x80\x80", 0x10000},
        {"\xf4\x8f\xbf\xbf", 0x10ffff}};
    for (const auto& [bytes, code] : characters) {
        const Utf8Character character = next_character(bytes + "a");
        EXPECT_TRUE(character.valid) << std::uint32_t{code};
        EXPECT_EQ(character.code, code);
        EXPECT_EQ(character.length, bytes.size()) << std::uint32_t{code};
    }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndStrayBytes) {
    for (const std::string bytes :
         {"\xc0\x80",
          "\xc1\xbf",
          "\xe0\x80\x80",
          "\xe0\x9f\xbf",
          "\xf0\x8f\xbf\xbf",
          "\xed\xa0\x80",
          "\xed\xbf\xbf",
          "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80",
          "\x80",
          "\xff",
          "\xc3",
          "\xe2\x82",
          "\xc3("}) {
        const Utf8Character character = next_character(bytes);
        EXPECT_FALSE(character.valid);
        EXPECT_EQ(character.length, 1U) << "so that the rest is read on its own";
    }
}

TEST(Utf8, OffsetsAndCountsAgree) {
    constexpr std::uint32_t seed = 20261206;
    test::Dice dice(seed);
    const std::vector<std::string> parts{"a", "ü", "网", "\U0001F600", "\xff", "\xc3", "\n"};
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (std::uint32_t count = dice.below(9); count > 0; --count) {
            text += dice.any_of(parts);
        }
        const std::size_t count = count_characters(text);
        EXPECT_EQ(offset_of_character(text, count), text.size()) << "seed " << seed << ", round " << round;
        EXPECT_EQ(offset_of_character(text, count + 1), text.size()) << "round " << round;
        for (std::size_t index = 0; index < count; ++index) {
            const std::size_t offset = offset_of_character(text, index);
            EXPECT_LT(offset, text.size()) << "round " << round;
            EXPECT_EQ(count_characters(text.substr(offset)), count - index) << "round " << round;
        }
    }
}

} // namespace
} // namespace keeper
