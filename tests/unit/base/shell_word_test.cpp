// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text/shell_word.hpp"
#include "support/dice.hpp"

namespace keeper {
namespace {

/// What sh(1) passes to a program as that word.
std::string read_by_shell(const std::string& word) {
    const std::string command = "printf %s " + word;
    const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    for (int byte = std::fgetc(output.get()); byte != EOF; byte = std::fgetc(output.get())) {
        text += static_cast<char>(byte);
    }
    return text;
}

TEST(ShellWord, StaysAsItIsIfPlain) {
    for (const char* text : {"a", "/etc/x.conf", "eth0:1", "a=b", "--flag=1,2", "wan@%i+x"}) {
        EXPECT_EQ(shell_word(text), text);
    }
}

TEST(ShellWord, IsQuotedOtherwise) {
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("wan's"), R"('wan'\''s')");
    EXPECT_EQ(shell_word("küche"), "'küche'");
    EXPECT_EQ(shell_quoted("a"), "'a'");
}

TEST(ShellWord, IsReadBackByTheShell) {
    constexpr std::uint32_t seed = 20261204;
    test::Dice dice(seed);
    const std::vector<std::string> parts{"a",     " ",    "'",  "''", "\"", "\\", "$HOME",
                                         "$(id)", "`id`", "\n", "*",  "~",  "!",  "#",
                                         ";",     "&",    "|",  ">x", "%s", "ü",  "{a,b}"};
    for (int round = 0; round < 50; ++round) {
        std::string text = "x"; // printf would take a dash for an option
        for (std::uint32_t count = dice.below(6); count > 0; --count) {
            text += dice.any_of(parts);
        }
        EXPECT_EQ(read_by_shell(shell_word(text)), text) << "seed " << seed << ", round " << round;
        EXPECT_EQ(read_by_shell(shell_quoted(text)), text) << "seed " << seed << ", round " << round;
    }
}

} // namespace
} // namespace keeper
