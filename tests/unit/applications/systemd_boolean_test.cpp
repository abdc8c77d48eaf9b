// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/systemd_boolean.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

TEST(SystemdBoolean, IsParsedInAnyCase) {
    for (const char* text : {"1", "yes", "Y", "TRUE", "t", "On"}) {
        EXPECT_EQ(parse_systemd_boolean(text), true) << text;
    }
    for (const char* text : {"0", "No", "n", "FALSE", "f", "off"}) {
        EXPECT_EQ(parse_systemd_boolean(text), false) << text;
    }
    for (const char* text : {"", "maybe", "yes ", "2"}) {
        EXPECT_EQ(parse_systemd_boolean(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace keeper
