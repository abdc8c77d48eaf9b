// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/reported_warnings.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

using Lines = std::vector<std::string>;
const std::set<Section> everything{Section::sysctl, Section::limits, Section::endpoints, Section::profiles};

TEST(ReportedWarnings, APersistentWarningIsLoggedOnce) {
    ReportedWarnings reported;
    EXPECT_EQ(reported.filter_new({"a", "b"}, everything), (Lines{"a", "b"}));
    EXPECT_EQ(reported.filter_new({"a", "b"}, everything), Lines{});
    EXPECT_EQ(reported.filter_new({"b"}, {Section::limits}), Lines{});
    EXPECT_EQ(reported.filter_new({"a"}, {Section::sysctl}), Lines{});
    EXPECT_EQ(reported.filter_new({"a", "b", "c"}, everything), Lines{"c"});
}

TEST(ReportedWarnings, AWarningThatComesBackIsLoggedAgain) {
    ReportedWarnings reported;
    EXPECT_EQ(reported.filter_new({"a"}, everything), Lines{"a"});
    EXPECT_EQ(reported.filter_new({}, everything), Lines{});
    EXPECT_EQ(reported.filter_new({"a"}, everything), Lines{"a"});
}

TEST(ReportedWarnings, AReturnIsNoticedByRoundsOfOneKindToo) {
    ReportedWarnings reported;
    EXPECT_EQ(reported.filter_new({"a"}, everything), Lines{"a"});
    EXPECT_EQ(reported.filter_new({}, {Section::sysctl}), Lines{}) << "gone, or about another section";
    EXPECT_EQ(reported.filter_new({"a"}, {Section::sysctl}), Lines{"a"});
    EXPECT_EQ(reported.filter_new({"a"}, {Section::sysctl}), Lines{});
}

TEST(ReportedWarnings, ARoundOfAnotherKindDoesNotEndAWarning) {
    ReportedWarnings reported;
    EXPECT_EQ(reported.filter_new({"a"}, {Section::profiles, Section::endpoints}), Lines{"a"});
    EXPECT_EQ(reported.filter_new({}, {Section::sysctl}), Lines{});
    EXPECT_EQ(reported.filter_new({}, {Section::limits}), Lines{});
    EXPECT_EQ(reported.filter_new({"a"}, {Section::profiles, Section::endpoints}), Lines{});
}

TEST(ReportedWarnings, AWarningAboutSeveralKindsIsLoggedOnce) {
    ReportedWarnings reported;
    EXPECT_EQ(reported.filter_new({"disk"}, {Section::sysctl}), Lines{"disk"});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(reported.filter_new({"disk"}, {Section::limits}), Lines{});
        EXPECT_EQ(reported.filter_new({"disk"}, {Section::sysctl}), Lines{});
    }
}

} // namespace
} // namespace keeper
