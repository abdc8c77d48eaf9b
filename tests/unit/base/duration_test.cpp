// SPDX-License-Identifier: LGPL-2.1-or-later
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/text/duration.hpp"

namespace keeper {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsOneNumberAndOneUnit) {
    const std::map<std::string, std::chrono::milliseconds> durations{
        {"100ms", 100ms},
        {"1s", 1s},
        {"1.5s", 1500ms},
        {"0.25s", 250ms},
        {"2m", 2min},
        {"1h", 1h},
        {"0.001s", 1ms}};
    for (const auto& [text, duration] : durations) {
        EXPECT_EQ(parse_duration(text), duration) << text;
    }
    for (const std::string text :
         {"",
          "s",
          "1",
          "1 s",
          "-1s",
          "1.s",
          ".5s",
          "1.5ms",
          "1.2345s",
          "1d",
          "1S",
          "1m30s",
          "9999999999s",
          "1.2.3s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(Duration, ReadsEveryNumberOfMilliseconds) {
    for (int milliseconds = 0; milliseconds < 5000; milliseconds += 7) {
        const std::chrono::milliseconds expected(milliseconds);
        EXPECT_EQ(parse_duration(std::to_string(milliseconds) + "ms"), expected);
        const std::string thousandths = std::to_string(1000 + milliseconds % 1000).substr(1);
        EXPECT_EQ(parse_duration(std::to_string(milliseconds / 1000) + "." + thousandths + "s"), expected);
    }
}

} // namespace
} // namespace keeper
