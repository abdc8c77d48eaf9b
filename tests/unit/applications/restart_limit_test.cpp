// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/restart_limit.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RestartLimit, TimesOfSystemdAreParsed) {
    EXPECT_EQ(parse_time_span("1min 30s"), seconds(90));
    EXPECT_EQ(parse_time_span("15min"), seconds(900));
    EXPECT_EQ(parse_time_span("2h 1.500s"), milliseconds(7201500));
    EXPECT_EQ(parse_time_span("100ms"), milliseconds(100));
    EXPECT_EQ(parse_time_span("0"), seconds(0));
    EXPECT_EQ(parse_time_span("infinity"), microseconds::max());
    for (const char* text : {"", "x", "5", "5x", "-5s", "1min x", "nans", "1e300y"}) {
        EXPECT_EQ(parse_time_span(text), std::nullopt) << text;
    }
}

TEST(RestartLimit, IsThatOfTheUnit) {
    EXPECT_EQ(restart_limit("TimeoutStartUSec=1min 30s\nTimeoutStopUSec=1min 30s\n"), seconds(200));
    EXPECT_EQ(restart_limit("TimeoutStartUSec=5min\nTimeoutStopUSec=10s\n"), seconds(330));
    EXPECT_EQ(restart_limit("TimeoutUSec=1s\n\nTimeoutStartUSec=1s\nTimeoutStopUSec=1s\n"), seconds(23));
}

TEST(RestartLimit, IsBounded) {
    EXPECT_EQ(restart_limit("TimeoutStartUSec=infinity\nTimeoutStopUSec=infinity\n"), seconds(600));
    EXPECT_EQ(restart_limit("TimeoutStartUSec=9h\n"), seconds(600));
    EXPECT_EQ(restart_limit("TimeoutStartUSec=?\n"), seconds(110)) << "systemd's default";
    EXPECT_EQ(restart_limit(""), seconds(20));
}

} // namespace
} // namespace keeper
