#include "adapters/network_manager/network_manager_conf.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "adapters/network_manager/nm_snapshot.hpp"

namespace keeper {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSignal = "[connection]\nconnection.mptcp-flags=18\n";
constexpr const char* kSubflow = "[connection]\nconnection.mptcp-flags=34\n";

/// A folder tree of its own, gone with the test.
class ConfTree : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "nm-conf-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
    }
    void TearDown() override { fs::remove_all(root_); }

    void put(const std::string& path) {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << "\n";
    }

    std::string root_;
};

TEST_F(ConfTree, OrdersFoldersAsNetworkManagerReadsThem) {
    put("/etc/NetworkManager/conf.d/10-a.conf");
    put("/etc/NetworkManager/NetworkManager.conf");
    put("/run/NetworkManager/conf.d/20-b.conf");
    put("/usr/lib/NetworkManager/conf.d/90-c.conf");
    put("/usr/lib/NetworkManager/conf.d/README");
    const std::vector<std::string> expected{
        root_ + "/usr/lib/NetworkManager/conf.d/90-c.conf",
        root_ + "/run/NetworkManager/conf.d/20-b.conf",
        root_ + "/etc/NetworkManager/NetworkManager.conf",
        root_ + "/etc/NetworkManager/conf.d/10-a.conf"};
    EXPECT_EQ(network_manager_conf_files(root_), expected);
}

TEST_F(ConfTree, NameInEtcShadowsRunAndUsrLib) {
    put("/etc/NetworkManager/conf.d/a.conf");
    put("/run/NetworkManager/conf.d/a.conf");
    put("/usr/lib/NetworkManager/conf.d/a.conf");
    put("/run/NetworkManager/conf.d/b.conf");
    put("/usr/lib/NetworkManager/conf.d/b.conf");
    const std::vector<std::string> expected{
        root_ + "/run/NetworkManager/conf.d/b.conf",
        root_ + "/etc/NetworkManager/NetworkManager.conf",
        root_ + "/etc/NetworkManager/conf.d/a.conf"};
    EXPECT_EQ(network_manager_conf_files(root_), expected);
}

TEST(ConfiguredDefaultFlags, AreNoneWhereNothingIsSet) {
    EXPECT_EQ(configured_default_flags({"[main]\nplugins=keyfile\n", ""}), MptcpFlags());
}

TEST(ConfiguredDefaultFlags, LaterFileWins) {
    EXPECT_EQ(configured_default_flags({kSignal, kSubflow}).raw(), 34U);
    EXPECT_EQ(configured_default_flags({kSubflow, kSignal, "[main]\n"}).raw(), 18U);
}

TEST(ConfiguredDefaultFlags, NamedSectionComesBeforeThePlainOne) {
    const std::string text = std::string(kSignal) + "[connection-mptcp]\nconnection.mptcp-flags=1\n";
    EXPECT_EQ(configured_default_flags({text}).raw(), 1U);
}

TEST(ConfiguredDefaultFlags, SectionForSomeDevicesIsPassedOver) {
    const std::string text =
        "[connection-wifi]\nmatch-device=type:wifi\nconnection.mptcp-flags=1\n" + std::string(kSignal);
    EXPECT_EQ(configured_default_flags({text}).raw(), 18U);
}

TEST(ConfiguredDefaultFlags, FileThatIsSwitchedOffIsPassedOver) {
    EXPECT_EQ(
        configured_default_flags({kSignal, std::string(kSubflow) + "[.config]\nenable=false\n"}).raw(), 18U);
}

TEST(ConfiguredDefaultFlags, WhatIsNoDecimalNumberIsPassedOver) {
    EXPECT_EQ(configured_default_flags({kSignal, "[connection]\nconnection.mptcp-flags=0x22\n"}).raw(), 18U);
    EXPECT_EQ(
        configured_default_flags({kSignal, "[connection]\nconnection.mptcp-flags=signal\n"}).raw(), 18U);
    EXPECT_EQ(configured_default_flags({kSignal, "no key file"}).raw(), 18U);
}

TEST(EffectiveDefaultFlags, BuiltInHasLaminarFrom156) {
    EXPECT_EQ(effective_default_flags({}, "1.42.4").raw(), 0x22U);
    EXPECT_EQ(effective_default_flags({}, "1.54.9").raw(), 0x22U);
    EXPECT_EQ(effective_default_flags({}, "1.56.0").raw(), 0x122U);
    EXPECT_EQ(effective_default_flags({}, "2.0").raw(), 0x122U);
}

TEST(EffectiveDefaultFlags, AreNormalizedAsNetworkManagerDoesIt) {
    EXPECT_EQ(effective_default_flags(MptcpFlags::from_raw(0x21), "1.42.4").raw(), 0x1U);
    EXPECT_EQ(effective_default_flags(MptcpFlags::from_raw(0x10), "1.42.4").raw(), 0x12U);
    EXPECT_EQ(effective_default_flags(MptcpFlags::from_raw(0x90), "1.42.4").raw(), 0x12U);
}

TEST(ProfileStorage, FollowsFromTheFileName) {
    EXPECT_EQ(storage_of("/etc/NetworkManager/system-connections/a.nmconnection"), ProfileStorage::etc);
    EXPECT_EQ(storage_of("/etc/sysconfig/network-scripts/ifcfg-a"), ProfileStorage::etc);
    EXPECT_EQ(storage_of("/run/NetworkManager/system-connections/a.nmconnection"), ProfileStorage::run);
    EXPECT_EQ(
        storage_of("/usr/lib/NetworkManager/system-connections/a.nmconnection"), ProfileStorage::usr_lib);
    EXPECT_EQ(storage_of(""), ProfileStorage::memory);
    EXPECT_EQ(storage_of("/opt/a.nmconnection"), ProfileStorage::unknown);
}

} // namespace
} // namespace keeper
