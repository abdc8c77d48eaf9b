// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/text/nearest.hpp"
#include "support/dice.hpp"

namespace keeper {
namespace {

std::string random_letters(test::Dice& dice) {
    std::string word;
    for (std::uint32_t count = dice.below(7); count > 0; --count) {
        word += dice.any_of<char>({'a', 'b', 'c'});
    }
    return word;
}

TEST(Nearest, CountsEdits) {
    EXPECT_EQ(edit_distance("enabled", "enabled"), 0U);
    EXPECT_EQ(edit_distance("enabeld", "enabled"), 1U); // two swapped
    EXPECT_EQ(edit_distance("sublow", "subflow"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(Nearest, DistanceIsSymmetricAndBoundedByTheLengths) {
    constexpr std::uint32_t seed = 20261205;
    test::Dice dice(seed);
    for (int round = 0; round < 500; ++round) {
        const std::string a = random_letters(dice);
        const std::string b = random_letters(dice);
        const std::size_t distance = edit_distance(a, b);
        EXPECT_EQ(distance, edit_distance(b, a)) << a << " " << b;
        EXPECT_EQ(distance == 0, a == b) << a << " " << b;
        EXPECT_LE(distance, std::max(a.size(), b.size())) << a << " " << b;
        EXPECT_GE(distance, std::max(a.size(), b.size()) - std::min(a.size(), b.size())) << a << " " << b;
        EXPECT_LE(edit_distance(a, b + "a"), distance + 1) << a << " " << b;
    }
}

TEST(Nearest, CountsTheFirst64BytesOnly) {
    const std::string long_word(64, 'a');
    EXPECT_EQ(edit_distance(long_word + "b", long_word + "ccc"), 0U);
}

TEST(Nearest, FindsWhatWasMeant) {
    EXPECT_EQ(nearest("singal", {"subflow", "signal"}), "signal");
    EXPECT_EQ(nearest("xy", {"id", "port"}), std::nullopt);
    EXPECT_EQ(nearest("sigxyz", {"signal"}), std::nullopt) << "three edits";
    EXPECT_EQ(nearest("sigxyz", {"signal"}, 3), std::nullopt) << "half of the word";
    EXPECT_EQ(nearest("", {"id"}), std::nullopt);
}

TEST(Nearest, SuggestsTheNameOrAllNames) {
    EXPECT_EQ(suggestion("singal", {"signal", "subflow"}), "did you mean signal?");
    EXPECT_EQ(suggestion("banana", {"signal", "subflow", "backup"}), "expected signal, subflow or backup");
    EXPECT_EQ(suggestion("banana", {"id"}), "expected id");
}

} // namespace
} // namespace keeper
