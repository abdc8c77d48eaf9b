// SPDX-License-Identifier: LGPL-2.1-or-later
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/text/printable.hpp"
#include "base/text/utf8.hpp"
#include "report/json.hpp"
#include "report/report_json.hpp"

namespace keeper {
namespace {

/// What a terminal obeys, or what makes a line of a log look like another one.
constexpr const char* hostile[] = {
    "\x1b[2J",
    "\x1b]0;title\a",
    "\n",
    "\r",
    "\b",
    "\x7f",
    "\xc2\x9b"
    "31m",
    "\xc2\x80",
    "\xc2\x9f",
    "\u202e",
    "\u2066",
    "\u2069",
    "\u200e",
    "\u061c",
    "\u2028",
    "\u2029",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\xff",
    "\xc3",
    "\xed\xa0\x80",
    "\xc0\x80",
    "\x1b[31m",
    "\x1b[;m",
    "\x1b[1234m",
    "\x1b"};

bool obeys_nothing(std::string_view text, std::string_view allowed) {
    while (!text.empty()) {
        const Utf8Character next = next_character(text);
        const bool is_allowed =
            next.code < 0x80 && allowed.find(static_cast<char>(next.code)) != std::string_view::npos;
        const bool is_direction = next.code == 0x061c || next.code == 0x200e || next.code == 0x200f ||
                                  (next.code >= 0x2028 && next.code <= 0x202e);
        const bool is_invisible =
            next.code == 0x200b || (next.code >= 0x2060 && next.code <= 0x206f) || next.code == 0xfeff;
        if (!next.valid || is_direction || is_invisible ||
            (!is_allowed && (next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0)))) {
            return false;
        }
        text.remove_prefix(next.length);
    }
    return true;
}

std::string random_name(std::mt19937& random) {
    std::string name;
    for (unsigned count = 1 + random() % 8; count > 0; --count) {
        name += random() % 2 == 0 ? "wan küche " : hostile[random() % std::size(hostile)];
    }
    return name;
}

TEST(Printable, LeavesNothingThatMovesTheCursor) {
    EXPECT_EQ(printable("wan küche 网"), "wan küche 网");
    EXPECT_EQ(printable("a\x1b[2Jb\nc"), "a\uFFFD[2Jb\uFFFDc");
    EXPECT_EQ(printable("a\tb"), "a b");
    EXPECT_EQ(printable("a\xc3"), "a\uFFFD") << "cut off";
    EXPECT_EQ(printable("\xc0\x80"), "\uFFFD\uFFFD") << "overlong";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
    EXPECT_EQ(printable("a\u202Eb"), "a\uFFFDb") << "right-to-left override";
    EXPECT_EQ(printable("a\u200Bb\uFEFF"), "a\uFFFDb\uFFFD") << "never visible";
    EXPECT_EQ(printable("\u06CC\u200C\u06CC"), "\u06CC\u200C\u06CC") << "a joiner is part of the word";
    EXPECT_EQ(printable("a\xc2\x9bJ"), "a\uFFFDJ") << "CSI as one character of C1";
    EXPECT_EQ(quoted_name("a\nb"), "\"a\uFFFDb\"");
}

TEST(Printable, KeepsTheLinesOfATextThatMayHaveSome) {
    EXPECT_EQ(printable_lines("a\n  b\n\x1b\n", "    "), "a\n      b\n    \uFFFD\n    ");
    EXPECT_EQ(printable_lines("one", "    "), "one");
}

TEST(Printable, ALineOfALogIsOneLine) {
    EXPECT_EQ(
        printable_line("declare it:\n  profiles:\n    - match\x1b"), "declare it: profiles: - match\uFFFD");
    EXPECT_EQ(printable_line("a\n"), "a ");
    EXPECT_EQ(printable_line(""), "");
}

TEST(Printable, ADocumentKeepsItsLinesAndColours) {
    const std::string document = "\x1b[31mred\x1b[0m\n\tsecond\n";
    EXPECT_EQ(printable_document(document), document);
    EXPECT_EQ(
        printable_document("\x1b[2J\x1b[?25l\x1b[;m\x1b[123m\x1b["),
        "\uFFFD[2J\uFFFD[?25l\uFFFD[;m\uFFFD[123m\uFFFD[");
}

TEST(Printable, NoNameGetsThrough) {
    constexpr unsigned seed = 20261127;
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        const std::string name = random_name(random);
        EXPECT_TRUE(obeys_nothing(printable(name), "")) << "seed " << seed << ", round " << round;
        EXPECT_TRUE(obeys_nothing(printable_line(name), "")) << "seed " << seed << ", round " << round;
        EXPECT_TRUE(obeys_nothing(printable_lines(name, ""), "\n")) << "seed " << seed << ", round " << round;
        EXPECT_TRUE(obeys_nothing(printable_document(printable(name)), ""))
            << "seed " << seed << ", round " << round;
        EXPECT_EQ(printable(printable(name)), printable(name));
    }
}

TEST(Printable, JsonWithHostileNamesIsPrintableAndMeansTheSame) {
    constexpr unsigned seed = 20261128;
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        const Json value{{"name", random_name(random)}};
        const std::string plain = value.dump(-1, ' ', false, Json::error_handler_t::replace);
        for (const std::string& text : {json_line(value), to_document(value), to_line(to_document(value))}) {
            EXPECT_TRUE(obeys_nothing(text, "\n")) << "seed " << seed << ", round " << round;
            EXPECT_EQ(Json::parse(text), Json::parse(plain)) << "seed " << seed << ", round " << round;
        }
    }
}

} // namespace
} // namespace keeper
