// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/notice_text.hpp"

#include <gtest/gtest.h>

namespace keeper {
namespace {

Change sysctl_change() {
    Change change;
    change.key = "net.mptcp.enabled";
    change.before = std::string("0");
    change.after = std::string("1");
    change.source = "/etc/mptcp-keeper/config.yaml:2";
    return change;
}

TEST(NoticeText, ShowsTheFoundAndTheDeclaredValueAndItsSource) {
    const Change change = sysctl_change();
    EXPECT_EQ(
        repaired_text(change),
        "repaired net.mptcp.enabled: found 0, declared 1 (/etc/mptcp-keeper/config.yaml:2)");
    EXPECT_EQ(
        applied_text(change),
        "applied net.mptcp.enabled: found 0, declared 1 (/etc/mptcp-keeper/config.yaml:2)");
    EXPECT_EQ(
        drifted_text(change),
        "net.mptcp.enabled has drifted: found 0, declared 1 (/etc/mptcp-keeper/config.yaml:2); "
        "not repaired because reconcile.mode is report");
    EXPECT_EQ(
        failed_text(change, "no"),
        "cannot change net.mptcp.enabled to 1 (/etc/mptcp-keeper/config.yaml:2): no");
    EXPECT_EQ(
        backed_off_text(change, "mptcpd (pid 7)", std::chrono::seconds(20)),
        "net.mptcp.enabled keeps being changed to 0, probably by mptcpd (pid 7); next repair in 20 s");
}

TEST(NoticeText, NamesALoadedConfigurationByItsHash) {
    EXPECT_EQ(
        loaded_text("sha256:0123456789abcdef", {"a.yaml"}), "loaded configuration 0123456789ab from a.yaml");
    EXPECT_EQ(
        loaded_text("sha256:0123456789abcdef", {"a.yaml", "b.yaml"}),
        "loaded configuration 0123456789ab from 2 files");
}

TEST(NoticeText, NamesAProfileByItsName) {
    Change change;
    change.resource = Resource::profile;
    change.key = "1234-uuid";
    change.name = "wan";
    change.before = MptcpFlags{};
    change.after = MptcpFlags{MptcpFlag::signal};
    EXPECT_EQ(repaired_text(change), "repaired profile wan: found default, declared signal");
    change.name.clear();
    EXPECT_EQ(repaired_text(change), "repaired profile 1234-uuid: found default, declared signal");
}

TEST(NoticeText, NamesAllProfilesIfNetworkManagerIsNotRunning) {
    Change change;
    change.resource = Resource::profile;
    change.key = "*";
    change.source = "config.yaml:9";
    EXPECT_EQ(
        failed_text(change, "NetworkManager is not running"),
        "cannot manage profiles (config.yaml:9): NetworkManager is not running");
}

} // namespace
} // namespace keeper
