// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "base/text/trim.hpp"

namespace keeper {
namespace {

TEST(Trim, RemovesBlanksAtBothEndsOnly) {
    EXPECT_EQ(trimmed(" \t a b\t\r"), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \t\r "), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed("\na\n"), "\na\n") << "a line feed is not a blank";
    EXPECT_EQ(trimmed("\u00a0a"), "\u00a0a") << "nor is a no-break space";
}

} // namespace
} // namespace keeper
