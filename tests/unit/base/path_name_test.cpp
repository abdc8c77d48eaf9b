// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "base/text/path_name.hpp"

namespace keeper {
namespace {

TEST(PathName, IsSplitAtTheLastSlash) {
    EXPECT_EQ(base_name("/etc/sysctl.d/a.conf"), "a.conf");
    EXPECT_EQ(folder_of_path("/etc/sysctl.d/a.conf"), "/etc/sysctl.d");
    EXPECT_EQ(base_name("/a"), "a");
    EXPECT_EQ(folder_of_path("/a"), "");
    EXPECT_EQ(base_name("/etc/"), "");
    EXPECT_EQ(folder_of_path("/etc/"), "/etc");
    EXPECT_EQ(base_name("a"), "a");
    EXPECT_EQ(folder_of_path("a"), "a");
}

} // namespace
} // namespace keeper
