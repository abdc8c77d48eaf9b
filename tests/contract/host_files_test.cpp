// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/host_files.hpp"
#include "support/temporary_tree.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace keeper {

namespace {

namespace fs = std::filesystem;

/// An unbooted tree that exists during the test.
using HostFilesTest = test::TemporaryTree;

TEST_F(HostFilesTest, FileBehindALinkIsListedOnce) {
    write("/etc/sysctl.conf", "a\n");
    link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf");
    write("/etc/sysctl.d/99-z.conf", "z\n");
    const std::vector<HostFile> expected{
        {root_ + "/etc/sysctl.conf", "a\n", {root_ + "/etc/sysctl.d/99-sysctl.conf"}},
        {root_ + "/etc/sysctl.d/99-z.conf", "z\n"}};
    EXPECT_EQ(HostFiles(root_).sysctl_files(), expected) << "in systemd-sysctl's order";
}

TEST_F(HostFilesTest, LinksStayInsideTheTree) {
    link("/etc/sysctl.d/passwd.conf", "../../../../../../../../etc/passwd");
    link("/etc/sysctl.d/circle.conf", "circle.conf");
    link("/etc/sysctl.d/dangling.conf", "/nowhere");
    link("/etc/sysctl.d/folder.conf", "/etc");
    EXPECT_EQ(HostFiles(root_).sysctl_files(), std::vector<HostFile>{});
}

TEST_F(HostFilesTest, DevicesWithAProfileBelongToNetworkManager) {
    EXPECT_EQ(HostFiles(root_).network_manager_devices(), std::vector<Ifindex>{});
    write("/run/NetworkManager/devices/1", "[device]\nmanaged=unknown\n");
    write("/run/NetworkManager/devices/7", "[device]\nmanaged=true\nconnection-uuid=5d7a0c0e\n");
    EXPECT_EQ(HostFiles(root_).network_manager_devices(), std::vector<Ifindex>{{7}});
}

TEST_F(HostFilesTest, AFileInEtcShadowsTheVendors) {
    write("/usr/lib/sysctl.d/50-a.conf", "vendor\n");
    write("/usr/lib/sysctl.d/60-b.conf", "vendor\n");
    link("/etc/sysctl.d/50-a.conf", "/dev/null");
    write("/run/sysctl.d/60-b.conf", "run\n");
    const std::vector<HostFile> expected{{root_ + "/run/sysctl.d/60-b.conf", "run\n"}};
    EXPECT_EQ(HostFiles(root_).sysctl_files(), expected);
}

} // namespace

} // namespace keeper
