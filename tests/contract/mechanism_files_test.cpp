// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/files/mechanism_files.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "host_config/mechanisms.hpp"
#include "support/temporary_tree.hpp"

namespace keeper {

namespace {

namespace fs = std::filesystem;

constexpr const char* script = "#!/bin/sh\nip mptcp limits set subflows 4\n";

class MechanismFilesTest : public test::TemporaryTree {
  protected:
    void write(const std::string& path, const std::string& text = script, mode_t mode = 0755) const {
        TemporaryTree::write(path, text);
        ASSERT_EQ(::chmod((root_ + path).c_str(), mode), 0);
    }
    /// Each file and the reason why it has no effect.
    [[nodiscard]] std::map<std::string, std::string> found() const {
        std::map<std::string, std::string> result;
        for (const MechanismFile& file : list_mechanism_files(root_, host_mechanisms())) {
            result[file.file.path.substr(root_.size())] = file.idle;
        }
        return result;
    }
    using Found = std::map<std::string, std::string>;
};

TEST_F(MechanismFilesTest, EachPlaceOfEachMechanismIsRead) {
    Found expected;
    for (const HostMechanism& mechanism : host_mechanisms()) {
        int number = 0;
        for (const std::string_view place : mechanism.places) {
            // A different name in each place, since files with the same name shadow each other.
            std::string path(place);
            const std::string name = "m" + std::to_string(expected.size()) + "n" + std::to_string(++number);
            for (std::size_t at = path.find('*'); at != std::string::npos; at = path.find('*')) {
                path.replace(
                    at,
                    1,
                    path.substr(at).starts_with("*.d/") || path.substr(at).starts_with("*p") ? "a" : name);
            }
            write(path);
            expected[path] = "";
        }
    }
    Found paths;
    for (const auto& [path, reason] : found()) {
        paths[path] = "";
    }
    EXPECT_EQ(paths, expected);
}

TEST_F(MechanismFilesTest, LinksStayInsideTheTreeAndNameTheirFileOnce) {
    write("/etc/rc.d/rc.local");
    link("/etc/rc.local", "/etc/rc.d/rc.local");
    link("/etc/ppp/ip-up", "../../../../../../../../etc/passwd");
    link("/etc/ppp/ip-down", "ip-down");
    link("/etc/dhcpcd.exit-hook", "/nowhere");
    const auto files = list_mechanism_files(root_, host_mechanisms());
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].file, (HostFile{root_ + "/etc/rc.d/rc.local", script, {root_ + "/etc/rc.local"}}));
}

TEST_F(MechanismFilesTest, AFileReadByAnyOfItsPathsHasOneName) {
    write("/script");
    write("/opt/keeper/run");
    link("/usr/bin", "../opt/keeper");
    const auto path = [&](const char* asked) {
        const auto file = read_text_file(root_, asked);
        return file ? file->path.substr(root_.size()) : "none";
    };
    EXPECT_EQ(path("/script"), "/script");
    EXPECT_EQ(path("/opt/../script"), "/script");
    EXPECT_EQ(path("/usr/bin/run"), "/opt/keeper/run");
    EXPECT_EQ(path("/usr/bin/../keeper/run"), "/opt/keeper/run");
    EXPECT_EQ(path("/usr/bin/.."), "none");
    EXPECT_EQ(path("/usr/bin/gone"), "none");
}

TEST_F(MechanismFilesTest, WhatIsNotATextFileIsLeftOut) {
    ASSERT_EQ(fs::create_directories(root_ + "/etc/network/if-up.d"), true);
    ASSERT_EQ(::mkfifo((root_ + "/etc/network/if-up.d/fifo").c_str(), 0755), 0);
    write(
        "/etc/network/if-up.d/program",
        std::string(
            "\x7f"
            "ELF\0\0",
            6));
    write("/etc/network/if-up.d/huge", std::string(300 * 1024, 'x'));
    fs::create_directories(root_ + "/etc/network/if-up.d/folder");
    EXPECT_EQ(found(), Found{});
}

TEST_F(MechanismFilesTest, AFileIsIdleIfItsMechanismWouldNotUseIt) {
    write("/etc/debian_version", "13\n");
    write("/etc/network/if-up.d/good");
    write("/etc/network/if-up.d/with.dot");
    write("/etc/network/if-up.d/plain", script, 0644);
    write("/etc/NetworkManager/dispatcher.d/10-good");
    write("/etc/NetworkManager/dispatcher.d/20-open", script, 0777);
    write("/etc/NetworkManager/dispatcher.d/30-old~");
    write("/etc/rc.local", script, 0644);
    write("/etc/cron.d/good", "@reboot root true\n", 0644);
    write("/etc/cron.d/bad.name", "@reboot root true\n", 0644);
    write("/etc/sysctl.d/90-mptcp.conf.dpkg-old", "net.mptcp.enabled=0\n", 0644);
    write("/etc/tuned/mine/tuned.conf", "[sysctl]\n", 0644);
    write("/etc/tuned/other/tuned.conf", "[sysctl]\n", 0644);
    write("/etc/tuned/active_profile", "mine\n", 0644);
    write("/etc/init.d/mptcp");
    write("/etc/init.d/off");
    link("/etc/rc3.d/S20mptcp", "../init.d/mptcp");
    const std::string other_letters = "ignores names with characters other than letters, digits, - and _";
    const Found expected{
        {"/etc/network/if-up.d/good", ""},
        {"/etc/network/if-up.d/with.dot", "run-parts " + other_letters},
        {"/etc/network/if-up.d/plain", "it is not executable"},
        {"/etc/NetworkManager/dispatcher.d/10-good", ""},
        {"/etc/NetworkManager/dispatcher.d/20-open", "it is writable by users other than root, or setuid"},
        {"/etc/NetworkManager/dispatcher.d/30-old~", "its name is that of a backup file"},
        {"/etc/rc.local", "it is not executable"},
        {"/etc/cron.d/good", ""},
        {"/etc/cron.d/bad.name", "cron " + other_letters},
        {"/etc/sysctl.d/90-mptcp.conf.dpkg-old", "its name is that of a backup file"},
        {"/etc/tuned/mine/tuned.conf", ""},
        {"/etc/tuned/other/tuned.conf", "/etc/tuned/active_profile does not contain other"},
        {"/etc/init.d/mptcp", ""},
        {"/etc/init.d/off", "no runlevel starts it"}};
    EXPECT_EQ(found(), expected);
}

TEST_F(MechanismFilesTest, AUnitIsActiveIfSomethingStartsIt) {
    const std::string text = "[Service]\nExecStart=/x\n[Install]\nWantedBy=multi-user.target\n";
    for (const char* name : {"on", "off", "timed", "masked", "shadowed", "inst@"}) {
        write(std::string("/usr/lib/systemd/system/") + name + ".service", text, 0644);
    }
    write("/etc/systemd/system/static.service", "[Service]\nExecStart=/x\n", 0644);
    write("/etc/systemd/system/shadowed.service", text, 0644);
    link("/etc/systemd/system/masked.service", "/dev/null");
    link("/etc/systemd/system/multi-user.target.wants/on.service", "/usr/lib/systemd/system/on.service");
    link("/etc/systemd/system/timers.target.wants/timed.timer", "/usr/lib/systemd/system/timed.timer");
    link(
        "/etc/systemd/system/network.target.wants/inst@eth0.service",
        "/usr/lib/systemd/system/inst@.service");
    const std::string off = "it is not enabled";
    const Found expected{
        {"/usr/lib/systemd/system/on.service", ""},
        {"/usr/lib/systemd/system/off.service", off},
        {"/usr/lib/systemd/system/timed.service", ""},
        {"/usr/lib/systemd/system/inst@.service", ""},
        {"/etc/systemd/system/shadowed.service", off},
        {"/etc/systemd/system/static.service", ""}};
    EXPECT_EQ(found(), expected);
}

} // namespace

} // namespace keeper
