// SPDX-License-Identifier: LGPL-2.1-or-later
#include "applications/turned_record.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

TEST(TurnedRecord, IsReadBack) {
    for (const TurnedUnit& turned :
         {TurnedUnit{.since_us = 12, .was_running = true},
          TurnedUnit{},
          TurnedUnit{.since_us = 12, .was_running = true, .mptcp_start_us = 99}}) {
        EXPECT_EQ(parse_turned_unit(to_text(turned)), turned);
    }
    for (const char* text :
         {"",
          "12",
          "x running\n",
          "12 running",
          "12 walking\n",
          "-1 idle\n",
          "12x idle\n",
          "12 running x\n",
          "12 running 1 2\n"}) {
        EXPECT_EQ(parse_turned_unit(text), std::nullopt) << text;
    }
}

TEST(TurnedRecord, AUnitThatRanForAWhileWorksWithMptcp) {
    using std::chrono::seconds;
    EXPECT_FALSE(proves_mptcp("success", seconds(9)));
    EXPECT_TRUE(proves_mptcp("success", seconds(10)));
    // before a start it is not known how the unit ended
    EXPECT_FALSE(proves_mptcp("", seconds(1000)));
}

TEST(TurnedRecord, TheTimeOfAStartThatFailedDoesNotCount) {
    using std::chrono::seconds;
    for (const char* result : {"timeout", "protocol"}) {
        EXPECT_FALSE(proves_mptcp(result, seconds(1000))) << result;
    }
    for (const char* result : {"exit-code", "signal", "core-dump", "watchdog"}) {
        EXPECT_FALSE(proves_mptcp(result, seconds(60))) << result;
        EXPECT_TRUE(proves_mptcp(result, seconds(90))) << result;
    }
}

} // namespace
} // namespace keeper
