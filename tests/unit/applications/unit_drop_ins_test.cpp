// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/unit_drop_ins.hpp"

namespace keeper {

namespace {

TEST(UnitDropIns, ReadsTheVersionOfSystemd) {
    EXPECT_EQ(parse_systemd_version("systemd 252 (252.39-1~deb12u2)\n+PAM"), 252);
    EXPECT_EQ(parse_systemd_version("257"), 0);
}

TEST(UnitDropIns, TheLastSettingOfDefaultDependenciesCounts) {
    EXPECT_TRUE(lacks_default_dependencies("[Unit]\nDefaultDependencies=no\n[Service]\n"));
    EXPECT_TRUE(lacks_default_dependencies("  DefaultDependencies = false \r\n"));
    EXPECT_TRUE(lacks_default_dependencies("DefaultDependencies=FALSE\n"));
    // systemd ignores what is not a boolean
    EXPECT_TRUE(lacks_default_dependencies("DefaultDependencies=no\nDefaultDependencies=\n"));
    EXPECT_FALSE(lacks_default_dependencies("DefaultDependencies=no\nDefaultDependencies=yes\n"));
    EXPECT_FALSE(lacks_default_dependencies("#DefaultDependencies=no\nDefaultDependenciesX=no"));
    EXPECT_FALSE(lacks_default_dependencies(""));
}

} // namespace

} // namespace keeper
