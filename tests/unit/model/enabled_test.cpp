// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "model/desired_state.hpp"
#include "model/observed_state.hpp"

namespace keeper {
namespace {

TEST(Enabled, IsDeclaredWithItsSource) {
    DesiredState desired;
    EXPECT_EQ(declared_enabled(desired), std::nullopt);
    desired.sysctls["scheduler"] = {"default", {"a.yaml", 1, 1}};
    EXPECT_EQ(declared_enabled(desired), std::nullopt);
    desired.sysctls["enabled"] = {"0", {"a.yaml", 2, 3}};
    EXPECT_EQ(declared_enabled(desired), (Declared<bool>{false, {"a.yaml", 2, 3}}));
    desired.sysctls["enabled"].value = "1";
    EXPECT_EQ(declared_enabled(desired), (Declared<bool>{true, {"a.yaml", 2, 3}}));
}

TEST(Enabled, IsUnknownWhereTheSysctlIs) {
    ObservedState host;
    EXPECT_EQ(enabled_now(host), std::nullopt) << "not read";
    host.sysctls = std::map<std::string, std::string>{};
    EXPECT_EQ(enabled_now(host), std::nullopt) << "a kernel without MPTCP";
    host.sysctls = std::map<std::string, std::string>{{"enabled", "1"}};
    EXPECT_EQ(enabled_now(host), true);
    host.sysctls = std::map<std::string, std::string>{{"enabled", "0"}};
    EXPECT_EQ(enabled_now(host), false);
}

} // namespace
} // namespace keeper
