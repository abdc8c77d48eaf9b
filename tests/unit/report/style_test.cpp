// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "report/style.hpp"

namespace keeper {
namespace {

TEST(DisplayWidth, CountsColumnsAndNotBytes) {
    EXPECT_EQ(display_width("wan0"), 4U);
    EXPECT_EQ(display_width("küche"), 5U);
    EXPECT_EQ(display_width("ku\u0308che"), 5U) << "a combining mark takes no column";
    EXPECT_EQ(display_width("网络"), 4U);
    EXPECT_EQ(display_width("📶"), 2U);
    EXPECT_EQ(display_width("\xff\xfe"), 2U) << "broken UTF-8: one column a byte";
    EXPECT_EQ(display_width(""), 0U);
}

TEST(Paint, AddsNothingWithoutColour) {
    EXPECT_EQ(paint(Colour::never, Tone::bad, "x"), "x");
    EXPECT_EQ(paint(Colour::always, Tone::bad, "x"), "\x1b[31mx\x1b[0m");
    EXPECT_EQ(paint(Colour::always, Tone::plain, "x"), "x");
    EXPECT_EQ(paint(Colour::always, Tone::bad, ""), "");
}

TEST(Table, AlignsByColumnsAndEndsLinesWithoutBlanks) {
    const std::string table = render_table(
        {{{"name"}, {"value"}, {"note"}}, {{"网络"}, {"1"}, {""}}, {{"x"}, {"küche"}, {"last"}}, {{"y"}}},
        Colour::never,
        "  ");
    EXPECT_EQ(
        table,
        "  name  value  note\n"
        "  网络  1\n"
        "  x     küche  last\n"
        "  y\n");
}

TEST(Table, ColourDoesNotShiftColumns) {
    EXPECT_EQ(
        render_table({{{"a", Tone::good}, {"b"}}, {{"long"}, {"c"}}}, Colour::always, ""),
        "\x1b[32ma\x1b[0m     b\n"
        "long  c\n");
}

TEST(CountOf, UsesSingularForOne) {
    EXPECT_EQ(count_of(1, "change", "changes"), "1 change");
    EXPECT_EQ(count_of(0, "change", "changes"), "0 changes");
}

} // namespace
} // namespace keeper
