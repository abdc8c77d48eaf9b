// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/glance_schedule.hpp"

#include <gtest/gtest.h>

namespace keeper::test {
namespace {

using namespace std::chrono_literals;
using Time = GlanceSchedule::Time;

/// When the glance for a change at that time takes place; until then others follow, and it finds nothing.
Time glance_for_change_at(GlanceSchedule& schedule, Time now) {
    schedule.other_changed(now);
    const Time at = schedule.due_at().value();
    schedule.other_changed(at);
    schedule.was_read();
    schedule.found_nothing(at);
    return at;
}

TEST(GlanceSchedule, KnownObjectsAreReadAtOnce) {
    GlanceSchedule schedule;
    EXPECT_EQ(schedule.due_at(), std::nullopt);
    for (const Time now : {5000ms, 5001ms}) {
        schedule.known_changed(now);
        EXPECT_EQ(schedule.due_at(), now);
        schedule.was_read();
        schedule.found_nothing(now);
        EXPECT_EQ(schedule.due_at(), std::nullopt);
    }
}

TEST(GlanceSchedule, ThePauseForOthersGrowsWhileNothingIsFound) {
    GlanceSchedule schedule;
    std::vector<long> pauses;
    Time last = glance_for_change_at(schedule, 5000ms);
    EXPECT_EQ(last, 5000ms) << "the first at once";
    for (int i = 0; i < 8; ++i) {
        const Time next = glance_for_change_at(schedule, last + 1ms);
        pauses.push_back((next - last).count());
        last = next;
    }
    EXPECT_EQ(pauses, (std::vector<long>{20, 40, 80, 160, 320, 640, 1000, 1000}));
}

TEST(GlanceSchedule, AFindOrAQuietSecondEndsThePause) {
    GlanceSchedule schedule;
    Time last = 5000ms;
    for (int i = 0; i < 5; ++i) {
        last = glance_for_change_at(schedule, last + 1ms);
    }
    schedule.found_something();
    schedule.other_changed(last + 1ms);
    EXPECT_EQ(schedule.due_at(), last + 1ms);
    schedule.was_read();
    for (int i = 0; i < 5; ++i) {
        last = glance_for_change_at(schedule, last + 1ms);
    }
    const Time later = last + 1001ms; // a second after the last change
    EXPECT_EQ(glance_for_change_at(schedule, later), later);
    EXPECT_EQ(glance_for_change_at(schedule, later + 1ms), later + 20ms) << "and it grows from the start";
}

TEST(GlanceSchedule, AKnownObjectIsReadDuringThePauseForOthers) {
    GlanceSchedule schedule;
    static_cast<void>(glance_for_change_at(schedule, 5000ms));
    schedule.other_changed(5001ms);
    EXPECT_EQ(schedule.due_at(), 5020ms);
    schedule.known_changed(5002ms);
    EXPECT_EQ(schedule.due_at(), 5002ms);
    schedule.other_changed(5003ms);
    EXPECT_EQ(schedule.due_at(), 5002ms) << "one read covers both";
}

} // namespace
} // namespace keeper::test
