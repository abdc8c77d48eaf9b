// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/mptcp_counters.hpp"

#include <gtest/gtest.h>

namespace keeper {

namespace {

TEST(MptcpCounters, AreReadByNameBetweenTheOthers) {
    const MptcpCounters expected{
        {"MPCapableSYNRX", 3}, {"NewerThanUs", 18446744073709551615ULL}, {"MPJoinSynTx", 0}};
    EXPECT_EQ(
        parse_mptcp_counters("TcpExt: SyncookiesSent MPJoinSynTx\nTcpExt: 7 8\n"
                             "MPTcpExt: MPCapableSYNRX NewerThanUs MPJoinSynTx\n"
                             "MPTcpExt: 3 18446744073709551615 0\n"
                             "IpExt: InNoRoutes\nIpExt: 1\n"),
        expected);
}

TEST(MptcpCounters, AreNoneWhereTheTextMakesNoSense) {
    for (const char* text :
         {"",
          "MPTcpExt:",
          "MPTcpExt: A B\n",
          "MPTcpExt: A B\nMPTcpExt: 1\n",
          "MPTcpExt: A\nMPTcpExt: x\n",
          "\n\n"}) {
        EXPECT_EQ(parse_mptcp_counters(text), MptcpCounters{}) << text;
    }
}

TEST(MptcpCounters, GrowthLeavesOutUnchangedCounters) {
    const MptcpCounters before{{"A", 1}, {"B", 2}, {"C", 9}};
    const MptcpCounters after{{"A", 1}, {"B", 5}, {"C", 4}, {"D", 2}, {"E", 0}};
    const MptcpCounters expected{{"B", 3}, {"D", 2}};
    EXPECT_EQ(growth(before, after), expected);
    EXPECT_EQ(non_zero({{"A", 0}, {"B", 1}}), (MptcpCounters{{"B", 1}}));
    EXPECT_EQ(counter(after, "B"), 5U);
    EXPECT_EQ(counter(after, "Unknown"), 0U);
}

TEST(MptcpCounters, KnownOnesHaveAMeaning) {
    EXPECT_NE(meaning_of_counter("MPJoinSynTxBindErr").find("not on this host"), std::string_view::npos);
    EXPECT_EQ(meaning_of_counter("NewerThanUs"), "");
}

} // namespace

} // namespace keeper
