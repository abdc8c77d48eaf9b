// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "applications/program_environment.hpp"

namespace keeper {

namespace {

constexpr const char* library = "/usr/lib/mptcpize/libmptcpwrap.so.0";

TEST(ProgramEnvironment, PreloadIsAppendedOnce) {
    EXPECT_EQ(with_preload("", library), library);
    EXPECT_EQ(
        with_preload("/usr/lib/libjemalloc.so", library), "/usr/lib/libjemalloc.so:" + std::string(library));
    for (const std::string& value : std::vector<std::string>{
             std::string(library), "/opt/libmptcpwrap.so.0.0.1 libx.so", "libx.so:libmptcpwrap.so.0.0.1"}) {
        EXPECT_EQ(with_preload(value, library), value);
        EXPECT_TRUE(has_preload(value)) << value;
    }
    EXPECT_FALSE(has_preload("/opt/libmptcpwrap.so.d/libx.so"));
}

TEST(ProgramEnvironment, GoSettingIsAppendedOnceAndNeverContradicted) {
    EXPECT_EQ(with_go_multipath(""), "multipathtcp=1");
    EXPECT_EQ(with_go_multipath("madvdontneed=1"), "madvdontneed=1,multipathtcp=1");
    EXPECT_EQ(with_go_multipath("x=1,multipathtcp=1"), "x=1,multipathtcp=1");
    EXPECT_EQ(with_go_multipath("multipathtcp=0"), "multipathtcp=0");
}

TEST(ProgramEnvironment, OfAUnitThatStaysOnTcpReplacesTheGoSetting) {
    EXPECT_EQ(with_go_tcp(""), "multipathtcp=0");
    EXPECT_EQ(with_go_tcp("multipathtcp=1"), "multipathtcp=0");
    EXPECT_EQ(with_go_tcp("a=1,multipathtcp=2,b=3,multipathtcp=1"), "a=1,b=3,multipathtcp=0");
}

TEST(ProgramEnvironment, OfAUnitThatStaysOnTcpLosesOnlyTheLibrary) {
    EXPECT_EQ(without_preload(""), "");
    EXPECT_EQ(without_preload(library), "");
    EXPECT_EQ(without_preload("libx.so libmptcpwrap.so.0:/opt/liby.so"), "libx.so:/opt/liby.so");
    EXPECT_EQ(without_preload("libx.so  /opt/liby.so"), "libx.so  /opt/liby.so") << "unchanged";
}

} // namespace

} // namespace keeper
