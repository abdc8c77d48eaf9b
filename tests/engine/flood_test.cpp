// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/flood.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

using namespace std::chrono_literals;

TEST(Flood, ASingleChangeIsNotHeldBack) {
    Flood flood;
    EXPECT_EQ(flood.next_pause(0ms), 0ms);
    EXPECT_EQ(flood.next_pause(5000ms), 0ms);
}

TEST(Flood, ThePauseGrowsToItsLimitWhileChangesContinue) {
    Flood flood;
    Flood::Time now{0};
    Flood::Time last = flood.next_pause(now);
    for (int i = 0; i < 20; ++i) {
        now += 100ms;
        const Flood::Time pause = flood.next_pause(now);
        EXPECT_GE(pause, last);
        last = pause;
    }
    EXPECT_EQ(last, Flood::longest_pause);
}

TEST(Flood, EndsAfterAQuietTime) {
    Flood flood;
    for (int i = 0; i < 20; ++i) {
        (void)flood.next_pause(Flood::Time(i));
    }
    EXPECT_EQ(flood.next_pause(Flood::Time(19) + Flood::end), 0ms);
}

} // namespace
} // namespace keeper
