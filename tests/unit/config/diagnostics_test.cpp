// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>

#include <gtest/gtest.h>

#include "config/diagnostics.hpp"

namespace keeper {
namespace {

TEST(ConfigQuotes, ContainSanitisedText) {
    EXPECT_EQ(in_quotes("wan küche"), "\"wan küche\"");
    EXPECT_EQ(in_quotes("a\tb\x1b[2J\u202Ec\u200B\xff"), "\"a b\uFFFD[2J\uFFFDc\uFFFD\uFFFD\"");
    EXPECT_EQ(in_quotes(""), "\"\"");
}

TEST(ConfigQuotes, AreCutBetweenCharacters) {
    const std::string sixty(60, 'a');
    EXPECT_EQ(in_quotes(sixty), "\"" + sixty + "\"");
    EXPECT_EQ(in_quotes(sixty + "b"), "\"" + sixty + "…\"");
    EXPECT_EQ(in_quotes(std::string(59, 'a') + "üb"), "\"" + std::string(59, 'a') + "ü…\"");
}

TEST(ConfigLine, IsFoundByItsNumber) {
    EXPECT_EQ(line_of("a\nb\r\nc", 1), "a");
    EXPECT_EQ(line_of("a\nb\r\nc", 2), "b");
    EXPECT_EQ(line_of("a\nb\r\nc", 3), "c");
    EXPECT_EQ(line_of("a\nb\r\nc", 4), "");
}

} // namespace
} // namespace keeper
