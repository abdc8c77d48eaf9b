// SPDX-License-Identifier: LGPL-2.1-or-later
// ProcfsSysctls on directories that replace /proc/sys/net/mptcp, with unusual files.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/kernel/procfs_sysctls.hpp"
#include "support/temporary_tree.hpp"

namespace keeper::contract {
namespace {

namespace fs = std::filesystem;

class SysctlsInADirectory : public test::TemporaryTree {
  protected:
    SysctlsInADirectory() { write("/mptcp/enabled", "1\n"); }

    void put(const char* name, const char* text) { std::ofstream(folder_ / name) << text; }
    std::string content(const char* name) {
        std::ifstream file(folder_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    ProcfsSysctls port() { return ProcfsSysctls((folder_ / "mptcp").string()); }

    const fs::path folder_ = root_;
};

TEST_F(SysctlsInADirectory, ReadsOnlyRegularFiles) {
    put("secret", "0\n");
    fs::create_symlink(folder_ / "secret", folder_ / "mptcp/link");
    fs::create_directory(folder_ / "mptcp/folder");
    ASSERT_EQ(mkfifo((folder_ / "mptcp/fifo").c_str(), 0600), 0);
    EXPECT_EQ(port().read_all().value(), (std::map<std::string, std::string>{{"enabled", "1"}}));
}

TEST_F(SysctlsInADirectory, DoesNotWriteThroughALink) {
    put("secret", "0\n");
    fs::create_symlink(folder_ / "secret", folder_ / "mptcp/link");
    EXPECT_FALSE(port().write("link", "1"));
    EXPECT_EQ(content("secret"), "0\n");
}

TEST_F(SysctlsInADirectory, NeverWaitsForAFifo) {
    ASSERT_EQ(mkfifo((folder_ / "mptcp/fifo").c_str(), 0600), 0);
    EXPECT_FALSE(port().write("fifo", "1"));
}

TEST_F(SysctlsInADirectory, CreatesNothing) {
    const auto result = port().write("scheduler", "default");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unsupported);
    EXPECT_FALSE(fs::exists(folder_ / "mptcp/scheduler"));
}

TEST_F(SysctlsInADirectory, DoesNotLeaveTheDirectory) {
    put("secret", "0\n");
    const auto result = port().write("../secret", "1");
    ASSERT_FALSE(result);
    EXPECT_EQ(content("secret"), "0\n");
}

TEST_F(SysctlsInADirectory, ReportsUnavailableIfTheDirectoryIsMissing) {
    ProcfsSysctls missing((folder_ / "nonesuch").string());
    ASSERT_FALSE(missing.read_all());
    EXPECT_EQ(missing.read_all().error().kind, ErrorKind::unavailable);
    ASSERT_FALSE(missing.write("enabled", "1"));
    EXPECT_EQ(missing.write("enabled", "1").error().kind, ErrorKind::unavailable);
}

} // namespace
} // namespace keeper::contract
