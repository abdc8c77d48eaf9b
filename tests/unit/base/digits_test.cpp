// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "base/text/digits.hpp"

namespace keeper {
namespace {

TEST(Digits, AreOneOrMoreAndNothingElse) {
    EXPECT_TRUE(is_all_digits("0"));
    EXPECT_TRUE(is_all_digits("0123456789"));
    for (const char* text : {"", "-1", "+1", "1 ", " 1", "1.0", "0x1", "１"}) {
        EXPECT_FALSE(is_all_digits(text)) << text;
    }
}

} // namespace
} // namespace keeper
