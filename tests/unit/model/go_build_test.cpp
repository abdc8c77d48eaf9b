// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "model/go_build.hpp"

namespace keeper {
namespace {

/// As Go's linker writes it: magic, the size of a pointer, flags, and from byte 32 on the length and the
/// version.
std::string build_info(const std::string& version, char flags = 2) {
    std::string bytes = "\xff Go buildinf:";
    bytes += '\x08';
    bytes += flags;
    bytes.resize(32, '\0');
    bytes += static_cast<char>(version.size());
    return bytes + version + "\x30" + "path\tgithub.com/joewalnes/websocketd";
}

TEST(GoBuild, ReadsTheVersion) {
    EXPECT_EQ(go_version_of(build_info("go1.24.4")), "1.24.4");
    EXPECT_EQ(go_version_of(build_info("go1.19.8")), "1.19.8");
    EXPECT_EQ(go_version_of(build_info("go1.25.1 X:nodwarf5")), "1.25.1");
    EXPECT_EQ(go_version_of(build_info("devel go1.26-abcdef")), "devel");
}

TEST(GoBuild, RecognisesOldReleasesWithoutAVersionText) {
    EXPECT_EQ(go_version_of(build_info("", 0)), "1.17");
}

TEST(GoBuild, RefusesOtherData) {
    const std::string whole = build_info("go1.24.4");
    for (std::size_t size = 0; size < 32 + 1 + 8; ++size) {
        EXPECT_EQ(go_version_of(whole.substr(0, size)), std::nullopt) << size;
    }
    EXPECT_EQ(go_version_of("\x7f" + whole.substr(1)), std::nullopt);
    std::string endless = whole.substr(0, 32) + std::string(96, '\xff');
    EXPECT_EQ(go_version_of(endless), std::nullopt);
}

TEST(GoBuild, KnowsWhichReleasesSupportMptcp) {
    for (const char* version : {"1.17", "1.19.8", "1.20.14", "1.20rc3"}) {
        EXPECT_FALSE(go_knows_mptcp(version)) << version;
    }
    for (const char* version : {"1.21.0", "1.21rc2", "1.24.4", "2.0", "devel", ""}) {
        EXPECT_TRUE(go_knows_mptcp(version)) << version;
    }
}

TEST(GoBuild, KnowsWhichReleasesCoverTheTcpFunctions) {
    for (const char* version : {"1.20.14", "1.21.0", "1.23.12", "1.23rc1"}) {
        EXPECT_FALSE(go_covers_tcp_functions(version)) << version;
    }
    for (const char* version : {"1.24rc1", "1.24.4", "1.30", "devel", ""}) {
        EXPECT_TRUE(go_covers_tcp_functions(version)) << version;
    }
}

} // namespace
} // namespace keeper
