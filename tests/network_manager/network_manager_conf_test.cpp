// SPDX-License-Identifier: LGPL-2.1-or-later
#include "adapters/network_manager/network_manager_conf.hpp"

#include <filesystem>
#include <fstream>

#include <glib.h>
#include <gtest/gtest.h>

#include "support/temporary_tree.hpp"

namespace keeper {
namespace {

namespace fs = std::filesystem;

constexpr const char* signal_section = "[connection]\nconnection.mptcp-flags=18\n";
constexpr const char* backup_section = "[connection]\nconnection.mptcp-flags=98\n";
constexpr std::uint32_t built_in_flags = 0x22;

/// The flags of eth0 in NetworkManager 1.42 with a conf.d file for each text.
std::uint32_t flags_with(const std::vector<std::string>& texts, const DeviceIdentity* device) {
    std::vector<NetworkManagerConf::Text> files;
    for (const std::string& text : texts) {
        files.push_back({text, false});
    }
    return NetworkManagerConf::read(files, "1.42.4").default_flags(device).raw();
}

const DeviceIdentity eth0{
    .interface = "eth0",
    .type = "ethernet",
    .driver = "e1000e",
    .driver_version = "6.18.1",
    .permanent_address = "02:00:00:aa:00:01",
    .dhcp_plugin = "internal"};

std::uint32_t flags_of(const std::vector<std::string>& texts) {
    return flags_with(texts, &eth0);
}

/// Whether match-device with this list selects eth0.
bool selects(const std::string& list) {
    return flags_of({"[connection-x]\nmatch-device=" + list + "\nconnection.mptcp-flags=18\n"}) == 18;
}

/// Whether a file with this value of .config's enable counts.
bool enables(const std::string& value) {
    return flags_of({"[.config]\nenable=" + value + "\n" + signal_section}) == 18;
}

class ConfTree : public test::TemporaryTree {
  protected:
    void put(const std::string& path) const { write(path, "\n"); }
};

TEST_F(ConfTree, OrdersFoldersAsNetworkManagerReadsThem) {
    put("/etc/NetworkManager/conf.d/10-a.conf");
    put("/etc/NetworkManager/NetworkManager.conf");
    put("/run/NetworkManager/conf.d/20-b.conf");
    put("/usr/lib/NetworkManager/conf.d/90-c.conf");
    put("/usr/lib/NetworkManager/conf.d/README");
    const std::vector<ConfFile> expected{
        {root_ + "/usr/lib/NetworkManager/conf.d/90-c.conf", false},
        {root_ + "/run/NetworkManager/conf.d/20-b.conf", false},
        {root_ + "/etc/NetworkManager/NetworkManager.conf", true},
        {root_ + "/etc/NetworkManager/conf.d/10-a.conf", false}};
    EXPECT_EQ(network_manager_conf_files(root_), expected);
}

TEST_F(ConfTree, NameInEtcShadowsRunAndUsrLib) {
    put("/etc/NetworkManager/conf.d/a.conf");
    put("/run/NetworkManager/conf.d/a.conf");
    put("/usr/lib/NetworkManager/conf.d/a.conf");
    put("/run/NetworkManager/conf.d/b.conf");
    put("/usr/lib/NetworkManager/conf.d/b.conf");
    const std::vector<ConfFile> expected{
        {root_ + "/run/NetworkManager/conf.d/b.conf", false},
        {root_ + "/etc/NetworkManager/NetworkManager.conf", true},
        {root_ + "/etc/NetworkManager/conf.d/a.conf", false}};
    EXPECT_EQ(network_manager_conf_files(root_), expected);
}

TEST(DefaultFlags, AreBuiltInIfNothingIsSet) {
    EXPECT_EQ(flags_of({"[main]\nplugins=keyfile\n", ""}), built_in_flags);
    EXPECT_EQ(
        flags_of({"[device]\nconnection.mptcp-flags=18\n", "[connection]\nmptcp-flags=18\n"}),
        built_in_flags);
}

TEST(DefaultFlags, LaterFileWins) {
    EXPECT_EQ(flags_of({signal_section, backup_section}), 98U);
    EXPECT_EQ(flags_of({backup_section, signal_section, "[main]\n"}), 18U);
}

TEST(DefaultFlags, NamedSectionHasPrecedenceInAnyFile) {
    const std::string named = "[connection-x]\nconnection.mptcp-flags=1\n";
    EXPECT_EQ(flags_of({signal_section + named}), 1U);
    EXPECT_EQ(flags_of({named, signal_section}), 1U);
}

TEST(DefaultFlags, SectionsAreOrderedByFileAndThenByPosition) {
    const std::string a = "[connection-a]\nconnection.mptcp-flags=18\n";
    const std::string b = "[connection-b]\nconnection.mptcp-flags=98\n";
    EXPECT_EQ(flags_of({a + b}), 18U);
    EXPECT_EQ(flags_of({b + a}), 98U);
    EXPECT_EQ(flags_of({a, b}), 98U);
    EXPECT_EQ(flags_of({b, a}), 18U);
    // A section keeps the position that it has in the first file that contains it.
    EXPECT_EQ(flags_of({a, b + "[connection-a]\nipv6.dad=1\n"}), 98U);
    EXPECT_EQ(flags_of({a, b, "[connection-a]\nconnection.mptcp-flags=34\n"}), 98U);
}

TEST(DefaultFlags, EverySectionWhoseNameBeginsWithConnectionCounts) {
    for (const char* name : {"connectionx", "connection.x", "connection x", "connection-"}) {
        EXPECT_EQ(flags_of({std::string("[") + name + "]\nconnection.mptcp-flags=18\n"}), 18U) << name;
    }
}

TEST(DefaultFlags, NumbersAreThoseOfStrtollWithBaseZero) {
    const auto flags = [](const std::string& value) {
        return flags_of({"[connection]\nconnection.mptcp-flags=" + value + "\n"});
    };
    EXPECT_EQ(flags("18"), 18U);
    EXPECT_EQ(flags("0x12"), 18U);
    EXPECT_EQ(flags("0X12"), 18U);
    EXPECT_EQ(flags("022"), 18U);
    EXPECT_EQ(flags("  +18  "), 18U);
    EXPECT_EQ(flags("\\s18"), 18U);
    EXPECT_EQ(flags("18\r"), 18U);
    for (const char* other :
         {"", "0", "signal", "0x22,0x10", "\"18\"", "18 # signal", "18;", "-1", "99999999999999999999"}) {
        EXPECT_EQ(flags(other), built_in_flags) << other;
    }
    // Both programs parse numbers with GLib, whose strtoll() accepts binary ones since glibc 2.38.
    const bool knows_binary = g_ascii_strtoll("0b10010", nullptr, 0) == 18;
    EXPECT_EQ(flags("0b10010"), knows_binary ? 18U : built_in_flags);
    EXPECT_EQ(flags("4294967314"), 18U) << "the lower 32 bits";
    EXPECT_EQ(flags("4294967296"), 2U) << "set, with none of the bits: enabled";
}

TEST(DefaultFlags, AnInvalidNumberMeansTheBuiltInDefaultAndNotTheNextSection) {
    for (const char* value : {"signal", "", "0"}) {
        const std::string text = std::string("[connection-x]\nconnection.mptcp-flags=") + value + "\n";
        EXPECT_EQ(flags_of({signal_section, text}), built_in_flags) << value;
    }
    EXPECT_EQ(flags_of({signal_section, "[connection]\nconnection.mptcp-flags=signal\n"}), built_in_flags);
}

TEST(DefaultFlags, AppendingAndSubtractingAreOnlyForLists) {
    EXPECT_EQ(flags_of({signal_section, "[connection]\nconnection.mptcp-flags+=64\n"}), 18U);
    EXPECT_EQ(flags_of({signal_section, "[connection]\nconnection.mptcp-flags-=18\n"}), 18U);
}

TEST(DefaultFlags, LastOfSeveralEqualKeysAndSectionsWins) {
    EXPECT_EQ(flags_of({std::string(backup_section) + "connection.mptcp-flags=18\n"}), 18U);
    EXPECT_EQ(flags_of({std::string(signal_section) + "[main]\n[connection]\nipv6.dad=1\n"}), 18U);
}

TEST(DefaultFlags, StopMatchEndsTheSearch) {
    for (const char* yes : {"1", "yes", "on", "TRUE"}) {
        const std::string text = std::string(signal_section) + "[connection-x]\nstop-match=" + yes + "\n";
        EXPECT_EQ(flags_of({text}), built_in_flags) << yes;
    }
    EXPECT_EQ(flags_of({std::string(signal_section) + "[connection-x]\nstop-match=2\n"}), 18U);
    EXPECT_EQ(
        flags_of({std::string(signal_section) + "[connection-x]\nstop-match=1\nmatch-device=type:wifi\n"}),
        18U);
    EXPECT_EQ(
        flags_of({std::string(signal_section) + "[connection-x]\nstop-match=1\nconnection.mptcp-flags=98\n"}),
        98U);
}

TEST(DefaultFlags, AFileThatDoesNotParseIsIgnored) {
    EXPECT_EQ(flags_of({signal_section, "no key file"}), 18U);
}

TEST(MatchDevice, SelectsByEveryPropertyThatNetworkManagerKnows) {
    for (const char* list :
         {"*",
          "eth0",
          "interface-name:eth0",
          "interface-name:eth*",
          "interface-name:~eth?",
          "interface-name:=eth0",
          "INTERFACE-NAME:eth0",
          "type:ethernet",
          "driver:e1000e",
          "driver:e1000e/*",
          "driver:e1000e/6.?8.1",
          "mac:02:00:00:AA:00:01",
          "02-00-00-aa-00-01",
          "dhcp-plugin:internal",
          "interface-name:foo,interface-name:eth0",
          "interface-name:foo ; eth0 ",
          "except:interface-name:eth1",
          "except:eth0",
          "except:type:wifi;except:mac:02:00:00:aa:00:02"}) {
        EXPECT_TRUE(selects(list)) << list;
    }
}

TEST(MatchDevice, LeavesOthersOut) {
    for (const char* list :
         {"",
          "eth*",
          "interface-name:eth1",
          "interface-name:=eth*",
          "interface-name:eth[01]",
          "type:Ethernet",
          "type:802-3-ethernet",
          "driver:e1000*",
          "driver:e1000e/5*",
          "mac:02:00:00:aa:00:02",
          "dhcp-plugin:dhclient",
          "interface-name:foo interface-name:eth0",
          "except:interface-name:eth0",
          "*,except:interface-name:eth0",
          "except:interface-name:eth1,type:wifi",
          "except:*",
          "s390-subchannels:0.0.1000"}) {
        EXPECT_FALSE(selects(list)) << list;
    }
}

TEST(MatchDevice, DeviceWithoutPermanentAddressIsSelectedByNone) {
    DeviceIdentity veth = eth0;
    veth.permanent_address.clear();
    const std::string text = "[connection-x]\nmatch-device=mac:,:\nconnection.mptcp-flags=18\n";
    EXPECT_EQ(flags_with({text}, &veth), built_in_flags);
}

TEST(MatchDevice, ASectionForSomeDevicesDoesNotAffectTheRest) {
    const std::string text = "[connection-wifi]\nmatch-device=type:ethernet\nconnection.mptcp-flags=1\n" +
                             std::string(signal_section);
    EXPECT_EQ(flags_of({text}), 1U);
    EXPECT_EQ(flags_with({text}, nullptr), 18U);
    EXPECT_EQ(flags_of({"[connection]\nmatch-device=eth1\nconnection.mptcp-flags=18\n"}), built_in_flags);
}

TEST(MatchDevice, DhcpPluginIsThatOfTheMainSection) {
    const std::string text = "[connection-x]\nmatch-device=dhcp-plugin:dhclient\nconnection.mptcp-flags=18\n";
    const auto conf = NetworkManagerConf::read({{text, false}, {"[main]\ndhcp=dhclient\n", true}}, "1.42.4");
    DeviceIdentity device = eth0;
    EXPECT_EQ(conf.dhcp_plugin(), "dhclient");
    device.dhcp_plugin = conf.dhcp_plugin();
    EXPECT_EQ(conf.default_flags(&device).raw(), 18U);
}

TEST(ConfigEnable, IsABooleanOrAListOfVersions) {
    for (const char* value :
         {"true",
          "YES",
          "on",
          "1",
          "nm-version:1.42",
          "nm-version:1.42.4",
          "nm-version-min:1.40",
          "nm-version-min:1",
          "nm-version-max:1.42",
          "nm-version-min:1.38.2,nm-version-min:1.42.1",
          "except:nm-version-min:1.44",
          "except:env:foo"}) {
        EXPECT_TRUE(enables(value)) << value;
    }
    for (const char* value :
         {"false",
          "No",
          " off ",
          "0",
          "",
          "foo",
          "*",
          "nm-version-min:2.0",
          "nm-version-min:1.40.2",
          "nm-version-max:1.42.3",
          "nm-version:1.4",
          "env:foo",
          "nm-version-min:",
          "nm-version-min:1.40.1.1"}) {
        EXPECT_FALSE(enables(value)) << value;
    }
}

TEST(ConfigEnable, IsIgnoredInTheMainFile) {
    const std::string text = std::string("[.config]\nenable=false\n") + signal_section;
    EXPECT_EQ(NetworkManagerConf::read({{text, true}}, "1.42.4").default_flags(&eth0).raw(), 18U);
}

TEST(EffectiveDefaultFlags, BuiltInHasLaminarFrom156) {
    EXPECT_EQ(effective_default_flags(0, "1.42.4").raw(), 0x22U);
    EXPECT_EQ(effective_default_flags(0, "1.54.9").raw(), 0x22U);
    EXPECT_EQ(effective_default_flags(0, "1.56.0").raw(), 0x122U);
    EXPECT_EQ(effective_default_flags(0, "2.0").raw(), 0x122U);
}

TEST(EffectiveDefaultFlags, AreNormalizedLikeInNetworkManager) {
    EXPECT_EQ(effective_default_flags(0x21, "1.42.4").raw(), 0x1U);
    EXPECT_EQ(effective_default_flags(0x10, "1.42.4").raw(), 0x12U);
    EXPECT_EQ(effective_default_flags(0x90, "1.42.4").raw(), 0x12U);
    EXPECT_EQ(effective_default_flags(0x10118, "1.42.4").raw(), 0x1aU);
    EXPECT_EQ(effective_default_flags(0x10118, "1.58.1").raw(), 0x11aU);
}

} // namespace
} // namespace keeper
