// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/drift_history.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

using namespace std::chrono_literals;
using Time = DriftHistory::Time;

const Item limit{Resource::limit, "subflows"};
const Item other{Resource::sysctl, "net.mptcp.enabled"};

TEST(DriftHistory, PausesAfterTheThirdRepairInTenMinutesAndLongerEachTime) {
    DriftHistory history;
    Time now = 5s;
    history.repaired(limit, now);
    history.repaired(limit, now += 4min);
    EXPECT_TRUE(history.may_repair(limit, now));
    EXPECT_TRUE(history.conflicts(now).empty());
    std::vector<Time> pauses;
    for (int i = 0; i < 9; ++i) {
        history.repaired(limit, now);
        const auto conflicts = history.conflicts(now);
        ASSERT_EQ(conflicts.size(), 1U);
        pauses.push_back(conflicts[0].retry_at - now);
        EXPECT_FALSE(history.may_repair(limit, conflicts[0].retry_at - 1ms));
        EXPECT_TRUE(history.may_repair(limit, conflicts[0].retry_at));
        now = conflicts[0].retry_at;
    }
    EXPECT_EQ(pauses, (std::vector<Time>{10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s, 600s}));
    EXPECT_TRUE(history.may_repair(other, now)) << "other items are not paused";
}

TEST(DriftHistory, ThreeRepairsInMoreThanTenMinutesAreNoConflict) {
    DriftHistory history;
    for (Time now = 0s; now < 2h; now += 5min + 1s) {
        history.repaired(limit, now);
        EXPECT_TRUE(history.may_repair(limit, now));
    }
}

TEST(DriftHistory, LongEnoughWithoutARepairEndsAConflict) {
    DriftHistory history;
    for (int i = 0; i < 3; ++i) {
        history.repaired(limit, 1s);
    }
    EXPECT_FALSE(history.may_repair(limit, 2s));
    const Time later = 1s + 10min + 11s;
    history.repaired(limit, later);
    EXPECT_TRUE(history.may_repair(limit, later));
    EXPECT_TRUE(history.conflicts(later).empty());
}

TEST(DriftHistory, WhatNetworkManagerRevertsIsRepairedOnceAMinuteAndIsNotAConflict) {
    DriftHistory history;
    for (Time now = 0s; now < 1h; now += 1min) {
        EXPECT_TRUE(history.may_repair(limit, now));
        history.reasserted(limit, now);
        EXPECT_FALSE(history.may_repair(limit, now + 1min - 1ms));
        EXPECT_TRUE(history.conflicts(now + 1s).empty());
    }
}

TEST(DriftHistory, FailuresAreTriedAgainLaterEachTimeUpToAMinute) {
    DriftHistory history;
    std::vector<Time> pauses;
    Time now = 1s;
    for (int i = 0; i < 8; ++i) {
        history.failed(limit, now);
        const Time next = history.next_tries(now).at(Resource::limit);
        pauses.push_back(next - now);
        now = next;
    }
    EXPECT_EQ(pauses, (std::vector<Time>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}));
    EXPECT_TRUE(history.conflicts(now - 1ms).empty());
    history.failed(limit, now + 10min);
    EXPECT_EQ(history.next_tries(now + 10min).at(Resource::limit), now + 10min + 1s) << "a new failure";
}

TEST(DriftHistory, AFailureAfterAReassertionStaysPaused) {
    DriftHistory history;
    history.reasserted(limit, 0s);
    history.failed(limit, 1min + 1ms);
    EXPECT_FALSE(history.may_repair(limit, 1min + 2ms));
}

TEST(DriftHistory, AFailureDoesNotForgetAConflict) {
    DriftHistory history;
    for (int i = 0; i < 3; ++i) {
        history.repaired(limit, 1s);
    }
    history.failed(limit, 2s);
    EXPECT_EQ(history.conflicts(3s), (std::vector<Conflict>{{limit, 3, 11s}}));
    history.forget_failures();
    EXPECT_EQ(history.conflicts(3s), (std::vector<Conflict>{{limit, 3, 11s}}));
}

TEST(DriftHistory, ForgottenFailuresAreTriedAtOnce) {
    DriftHistory history;
    history.failed(limit, 1s);
    EXPECT_FALSE(history.may_repair(limit, 1s));
    history.forget_failures();
    EXPECT_TRUE(history.may_repair(limit, 1s));
    EXPECT_TRUE(history.next_tries(1s).empty());
}

TEST(DriftHistory, NamesTheFirstRetryOfEachResource) {
    DriftHistory history;
    history.failed(limit, 1s);
    history.failed({Resource::limit, "add_addr_accepted"}, 500ms);
    history.failed(other, 3s);
    EXPECT_EQ(
        history.next_tries(1s),
        (std::map<Resource, Time>{{Resource::limit, 1500ms}, {Resource::sysctl, 4s}}));
}

TEST(DriftHistory, ARestartOfNetworkManagerIsNotAConflict) {
    DriftHistory history;
    const Item profile{Resource::profile, "uuid"};
    for (const Item& item : {profile, limit}) {
        for (const DriftHistory::Time now : {0s, 1s, 2s}) {
            history.repaired(item, now);
        }
    }
    ASSERT_FALSE(history.may_repair(profile, 3s));
    history.forget_network_manager_items();
    EXPECT_TRUE(history.may_repair(profile, 3s));
    EXPECT_FALSE(history.may_repair(limit, 3s)) << "NetworkManager does not set limits";
}

} // namespace
} // namespace keeper
