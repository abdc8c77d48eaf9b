// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/sysctl_table.hpp"

#include <algorithm>
#include <charconv>

#include <gtest/gtest.h>

namespace keeper {
namespace {

TEST(SysctlTable, IsSortedByName) {
    const auto& table = known_sysctls();
    EXPECT_TRUE(std::is_sorted(table.begin(), table.end(), [](const SysctlSpec& a, const SysctlSpec& b) {
        return a.name < b.name;
    }));
}

TEST(SysctlTable, HasADefaultForEverySysctlThatCanBeSet) {
    for (const SysctlSpec& sysctl : known_sysctls()) {
        EXPECT_EQ(sysctl.kernel_default.empty(), sysctl.read_only) << sysctl.name;
        if (sysctl.read_only || sysctl.type == SysctlType::name) {
            continue;
        }
        std::int64_t value = -1;
        const std::string_view text = sysctl.kernel_default;
        EXPECT_EQ(std::from_chars(text.data(), text.data() + text.size(), value).ec, std::errc());
        EXPECT_TRUE(value >= sysctl.minimum && value <= sysctl.maximum) << sysctl.name;
    }
}

TEST(SysctlTable, NamesTheListOfChoicesForEveryNameThatCanBeSet) {
    for (const SysctlSpec& sysctl : known_sysctls()) {
        const bool is_choice = sysctl.type == SysctlType::name && !sysctl.read_only;
        EXPECT_EQ(sysctl.choices.empty(), !is_choice) << sysctl.name;
        if (is_choice) {
            const SysctlSpec* list = find_sysctl(sysctl.choices);
            ASSERT_NE(list, nullptr) << sysctl.name;
            EXPECT_TRUE(list->read_only) << sysctl.name;
        }
    }
}

TEST(SysctlTable, HasMutualAliases) {
    for (const SysctlSpec& sysctl : known_sysctls()) {
        if (!sysctl.alias.empty()) {
            EXPECT_EQ(alias_of_sysctl(sysctl.alias), sysctl.name);
        }
    }
    EXPECT_EQ(alias_of_sysctl("path_manager"), "pm_type");
    EXPECT_EQ(alias_of_sysctl("enabled"), "");
    EXPECT_EQ(alias_of_sysctl("no_such_sysctl"), "");
}

} // namespace
} // namespace keeper
