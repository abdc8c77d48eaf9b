// SPDX-License-Identifier: LGPL-2.1-or-later
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "applications/environment_file.hpp"

namespace keeper {

namespace {

/// How systemd reads what we write (parse_env_file_internal() of src/basic/env-file.c): NAME="…" in which a
/// backslash escapes the four special characters.
std::optional<std::map<std::string, std::string>> read_as_systemd(std::string_view text) {
    std::map<std::string, std::string> variables;
    while (!text.empty()) {
        const std::size_t equals = text.find("=\"");
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        std::string& value = variables[std::string(text.substr(0, equals))];
        text.remove_prefix(equals + 2);
        for (; !text.empty() && text.front() != '"'; text.remove_prefix(1)) {
            if (text.front() == '\\') {
                text.remove_prefix(1);
                if (text.empty()) {
                    return std::nullopt;
                }
                if (text.front() == '\n') {
                    continue;
                }
                if (std::string_view("\"\\`$").find(text.front()) == std::string_view::npos) {
                    value += '\\';
                }
            }
            value += text.front();
        }
        if (!text.starts_with("\"\n")) {
            return std::nullopt;
        }
        text.remove_prefix(2);
    }
    return variables;
}

TEST(EnvironmentFile, NoValueCanSetAnotherVariable) {
    constexpr unsigned seed = 20261127;
    std::mt19937 random(seed);
    const std::string_view pieces[] = {
        "\n", "\"", "\\", "$", "`", "'", "=", "#", ";", " ", "\t", "PATH=/evil", "\nPATH=\"x\"\n", "a", "é"};
    for (int round = 0; round < 3000; ++round) {
        std::map<std::string, std::string> variables;
        for (const char* name : {"GODEBUG", "LD_PRELOAD"}) {
            std::string& value = variables[name];
            for (auto count = random() % 9; count > 0; --count) {
                value += pieces[random() % std::size(pieces)];
            }
        }
        EXPECT_EQ(read_as_systemd(environment_file(variables)), variables)
            << "seed " << seed << ", round " << round;
    }
}

TEST(EnvironmentFile, ValuesThatSystemdRefusesAreNotWritten) {
    for (const char* value : {"", "/usr/lib/a.so:/b c.so", "two\nlines\tand a tab", "küche 网 🐟"}) {
        EXPECT_TRUE(is_kept_by_systemd(value)) << value;
    }
    for (const char* value :
         {"\x1b[2J", "\r", "\x7f", "\xff", "\xed\xa0\x80", "\xef\xbf\xbe", "\xef\xb7\x90"}) {
        EXPECT_FALSE(is_kept_by_systemd(value)) << value;
    }
    EXPECT_TRUE(is_kept_by_systemd(std::string(64 * 1024, 'x')));
    EXPECT_FALSE(is_kept_by_systemd(std::string(64 * 1024 + 1, 'x')))
        << "appended to, the program would not start";
}

TEST(EnvironmentFile, AUnitsNameStaysInItsFolder) {
    for (const char* name :
         {"a.service", "web@blue.service", R"(web@a\x2fb.service)", "dbus-:1.2-org.x@0.service"}) {
        EXPECT_TRUE(is_unit_name(name)) << name;
    }
    for (const std::string& name : std::vector<std::string>{
             "",
             ".",
             "..",
             ".service",
             "../etc/passwd",
             "a/b.service",
             "/a.service",
             "a b.service",
             "a\n.service",
             "nodot",
             "a%i.service",
             std::string(256, 'a') + ".service"}) {
        EXPECT_FALSE(is_unit_name(name)) << name;
    }
}

} // namespace

} // namespace keeper
