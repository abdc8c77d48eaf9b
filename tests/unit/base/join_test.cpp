// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "base/text/join.hpp"

namespace keeper {
namespace {

TEST(Join, PutsTheSeparatorBetweenWords) {
    EXPECT_EQ(joined({}, ", "), "");
    EXPECT_EQ(joined({"a"}, ", "), "a");
    EXPECT_EQ(joined({"a", "b", "c"}, ", "), "a, b, c");
    EXPECT_EQ(joined({"", "", ""}, "-"), "--") << "empty words count";
    EXPECT_EQ(joined({"a", "b"}, ""), "ab");
}

TEST(Join, EnumeratesAsASentenceDoes) {
    EXPECT_EQ(enumerated({}), "");
    EXPECT_EQ(enumerated({"a"}), "a");
    EXPECT_EQ(enumerated({"a", "b"}), "a and b");
    EXPECT_EQ(enumerated({"a", "b", "c"}), "a, b and c");
    EXPECT_EQ(enumerated({"a", "b", "c"}, "or"), "a, b or c");
}

} // namespace
} // namespace keeper
