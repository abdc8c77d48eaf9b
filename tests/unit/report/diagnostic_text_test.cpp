// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "report/diagnostic_text.hpp"

namespace keeper {
namespace {

TEST(Errors, ShowTheSourceAndACaretUnderTheColumn) {
    const std::vector<Diagnostic> errors{
        {{"a.yaml", 2, 3}, "unknown key \"subflow\", did you mean \"subflows\"", "  subflow: 3"},
        {{"b.yaml", 1, 1}, "is a directory", ""}};
    EXPECT_EQ(
        errors_text(errors, Colour::never),
        "a.yaml:2:3: unknown key \"subflow\", did you mean \"subflows\"\n"
        "  subflow: 3\n"
        "  ^\n"
        "b.yaml:1:1: is a directory\n");
}

TEST(Errors, OfAWholeFileAreReportedAtItsFirstCharacter) {
    EXPECT_EQ(errors_text({{{"a.yaml", 0, 0}, "is empty", ""}}, Colour::never), "a.yaml:1:1: is empty\n");
}

TEST(Errors, CannotMoveTheCursor) {
    EXPECT_EQ(
        errors_text({{{"a\x1b.yaml", 1, 1}, "bad \x1b[2J", "\x1bx"}}, Colour::never),
        "a\uFFFD.yaml:1:1: bad \uFFFD[2J\n\uFFFDx\n^\n");
}

TEST(Warnings, AreMarkedAsWarnings) {
    EXPECT_EQ(
        warnings_text({{{"a.yaml", 1, 2}, "matches nothing", ""}}, Colour::never),
        "a.yaml:1:2: warning: matches nothing\n");
}

TEST(Caret, AccountsForTheWidthOfCharacters) {
    EXPECT_EQ(line_with_caret("a: b", 4, Colour::never), "a: b\n   ^\n");
    EXPECT_EQ(line_with_caret("ü: b", 4, Colour::never), "ü: b\n   ^\n");
    EXPECT_EQ(line_with_caret("网: b", 4, Colour::never), "网: b\n    ^\n");
    EXPECT_EQ(line_with_caret("u\u0308: b", 5, Colour::never), "u\u0308: b\n   ^\n");
    EXPECT_EQ(line_with_caret("\ta: b", 5, Colour::never), "\ta: b\n\t   ^\n") << "both lines keep the tab";
}

TEST(Caret, FollowsTheLineIfTheColumnIsBeyondIt) {
    EXPECT_EQ(line_with_caret("ab", 3, Colour::never), "ab\n  ^\n");
    EXPECT_EQ(line_with_caret("ab", 99, Colour::never), "ab\n  ^\n");
    EXPECT_EQ(line_with_caret("ab", 0, Colour::never), "ab\n^\n");
}

TEST(Caret, OfALongLineShowsWhatSurroundsIt) {
    const std::string line = std::string(1000, 'a') + "X" + std::string(1000, 'b');
    EXPECT_EQ(
        line_with_caret(line, 1001, Colour::never),
        "…" + std::string(100, 'a') + "X" + std::string(59, 'b') + "…\n" + std::string(101, ' ') + "^\n");
}

} // namespace
} // namespace keeper
