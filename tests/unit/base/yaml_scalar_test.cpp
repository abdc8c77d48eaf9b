// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "base/text/yaml_scalar.hpp"

namespace keeper {
namespace {

TEST(YamlScalar, StaysPlainWhereThatIsSafe) {
    for (const char* text : {"a", "eth0", "nginx.service", "/etc/x", "a-b_c+d@e"}) {
        EXPECT_EQ(yaml_scalar(text), text);
    }
}

TEST(YamlScalar, IsQuotedWhereYamlWouldReadAnotherType) {
    for (const char* text : {"", "true", "No", "~", "null", "1", "1.5", "0x10", "1e3", ".inf", "-a", "@a"}) {
        EXPECT_EQ(yaml_scalar(text), "\"" + std::string(text) + "\"");
    }
}

TEST(YamlScalar, EscapesWhatQuotesDoNotHold) {
    EXPECT_EQ(yaml_scalar("a \"b\" \\"), R"("a \"b\" \\")");
    EXPECT_EQ(yaml_scalar("a\nb\x7f"), R"("a\x0ab\x7f")");
    EXPECT_EQ(yaml_scalar("küche"), "\"küche\"");
}

TEST(YamlScalar, EscapesWhatTheOutputWouldReplace) {
    EXPECT_EQ(yaml_scalar("a\xe2\x80\x8b"), R"("a\u200b")"); // a zero-width space
    EXPECT_EQ(yaml_scalar("a\xe2\x80\xae"), R"("a\u202e")"); // a right-to-left override
    EXPECT_EQ(yaml_scalar("a\xc2\x9b"), R"("a\x9b")");       // a C1 control
    EXPECT_EQ(yaml_scalar("a\xef\xbb\xbf"), R"("a\ufeff")");
}

TEST(YamlScalar, ListIsOnOneLine) {
    EXPECT_EQ(yaml_list({}), "[]");
    EXPECT_EQ(yaml_list({"a", "b c"}), "[a, \"b c\"]");
}

} // namespace
} // namespace keeper
