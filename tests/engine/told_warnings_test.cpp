#include "engine/told_warnings.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

using Lines = std::vector<std::string>;
const std::set<Kind> everything{Kind::sysctl, Kind::limits, Kind::endpoints, Kind::profiles};

TEST(ToldWarnings, AWarningThatLastsIsLoggedOnce) {
    ToldWarnings told;
    EXPECT_EQ(told.news({"a", "b"}, everything), (Lines{"a", "b"}));
    EXPECT_EQ(told.news({"a", "b"}, everything), Lines{});
    EXPECT_EQ(told.news({"b"}, {Kind::limits}), Lines{});
    EXPECT_EQ(told.news({"a"}, {Kind::sysctl}), Lines{});
    EXPECT_EQ(told.news({"a", "b", "c"}, everything), Lines{"c"});
}

TEST(ToldWarnings, AWarningThatComesBackIsLoggedAgain) {
    ToldWarnings told;
    EXPECT_EQ(told.news({"a"}, everything), Lines{"a"});
    EXPECT_EQ(told.news({}, everything), Lines{});
    EXPECT_EQ(told.news({"a"}, everything), Lines{"a"});
}

TEST(ToldWarnings, ComingBackIsSeenByRoundsOfOneKindToo) {
    ToldWarnings told;
    EXPECT_EQ(told.news({"a"}, everything), Lines{"a"});
    EXPECT_EQ(told.news({}, {Kind::sysctl}), Lines{}) << "gone, or about another kind";
    EXPECT_EQ(told.news({"a"}, {Kind::sysctl}), Lines{"a"});
    EXPECT_EQ(told.news({"a"}, {Kind::sysctl}), Lines{});
}

TEST(ToldWarnings, ARoundOfAnotherKindDoesNotEndAWarning) {
    ToldWarnings told;
    EXPECT_EQ(told.news({"a"}, {Kind::profiles, Kind::endpoints}), Lines{"a"});
    EXPECT_EQ(told.news({}, {Kind::sysctl}), Lines{});
    EXPECT_EQ(told.news({}, {Kind::limits}), Lines{});
    EXPECT_EQ(told.news({"a"}, {Kind::profiles, Kind::endpoints}), Lines{});
}

TEST(ToldWarnings, AWarningAboutSeveralKindsIsLoggedOnce) {
    ToldWarnings told;
    EXPECT_EQ(told.news({"disk"}, {Kind::sysctl}), Lines{"disk"});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(told.news({"disk"}, {Kind::limits}), Lines{});
        EXPECT_EQ(told.news({"disk"}, {Kind::sysctl}), Lines{});
    }
}

} // namespace
} // namespace keeper
