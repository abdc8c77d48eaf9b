// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/text/lines.hpp"
#include "support/dice.hpp"

namespace keeper {
namespace {

std::vector<std::string> taken_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        lines.emplace_back(take_line(text));
    }
    return lines;
}

std::vector<std::string> lines_by_getline(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

TEST(Lines, AreThoseOfGetline) {
    constexpr std::uint32_t seed = 20261201;
    test::Dice dice(seed);
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (std::uint32_t count = dice.below(12); count > 0; --count) {
            text += dice.any_of<char>({'a', ' ', '\r', '\n', '\n', '\0'});
        }
        const std::vector<std::string> expected = lines_by_getline(text);
        EXPECT_EQ(taken_lines(text), expected) << "seed " << seed << ", round " << round;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            EXPECT_EQ(line_at(text, static_cast<int>(i) + 1), expected[i]) << "round " << round;
        }
        EXPECT_EQ(line_at(text, static_cast<int>(expected.size()) + 1), "") << "round " << round;
    }
}

TEST(Lines, WithContentAreVisitedTrimmedAndWithTheirNumbers) {
    std::vector<std::pair<std::string, int>> visited;
    for_each_line(
        "# comment\n\n \ta = 1 # b\r\n  ; comment\n\t\n[c]",
        [&](std::string_view line, int number) { visited.emplace_back(line, number); });
    EXPECT_EQ(visited, (std::vector<std::pair<std::string, int>>{{"a = 1 # b", 3}, {"[c]", 6}}));
}

TEST(Lines, OfAnEmptyTextAreNone) {
    EXPECT_EQ(taken_lines(""), std::vector<std::string>{});
    for_each_line("", [](std::string_view, int) { FAIL(); });
    EXPECT_EQ(line_at("a\nb", 0), "");
}

} // namespace
} // namespace keeper
