// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "doctor/apparmor_log.hpp"
#include "doctor/apparmor_profiles.hpp"
#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using rules::mptcp_denials;

// As auditd writes them, and as Linux 6.1 and 6.12 log them if it is not running.
const std::string preload =
    R"(type=AVC msg=audit(1700000000.123:45): apparmor="DENIED" operation="file_mmap" profile="/usr/sbin/named" )"
    R"(name="/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1" pid=812 comm="named" requested_mask="m" )"
    R"(denied_mask="m" fsuid=0 ouid=0)";
const std::string socket_made =
    R"(audit: type=1400 audit(1795799244.052:9): apparmor="DENIED" operation="create" class="net" )"
    R"(profile="pynet" pid=163 comm="pywrap" family="inet6" sock_type="stream" protocol=262 )"
    R"(requested_mask="create" denied_mask="create")";
const std::string read_by_child =
    R"(audit: type=1400 audit(1795799244.228:16): apparmor="DENIED" operation="open" class="file" )"
    R"(profile="/usr/bin/env//kid" name="/proc/sys/net/mptcp/enabled" pid=166 comm="head" requested_mask="r" )"
    R"(denied_mask="r" fsuid=0 ouid=0)";
const std::string started =
    R"(audit: type=1400 audit(1795799244.268:17): apparmor="DENIED" operation="exec" class="file" )"
    R"(profile="/usr/bin/env" name="/usr/bin/mptcpize" pid=167 comm="env" requested_mask="x" denied_mask="x" )"
    R"(fsuid=0 ouid=0)";
const std::string in_hex =
    R"(audit: type=1400 audit(1795799329.244:7): apparmor="DENIED" operation="open" )"
    R"(profile=6D792070726F66696C65 name="/proc/sys/net/mptcp/enabled" pid=111 comm=6D7920636174 )"
    R"(requested_mask="r" denied_mask="r" fsuid=0 ouid=0)";
const std::string other =
    R"(type=AVC msg=audit(1700000000.123:47): apparmor="DENIED" operation="open" profile="/usr/sbin/named" )"
    R"(name="/etc/shadow" pid=812 comm="named" requested_mask="r" denied_mask="r")";

std::string status(const std::string& seconds, const std::string& rest) {
    return "audit: type=1400 audit(" + seconds + R"(:20): apparmor="STATUS" operation="profile_replace" )" +
           rest + R"( pid=120 comm="apparmor_parser")";
}

std::string with(std::string record, const std::string& part, const std::string& replacement) {
    return record.replace(record.find(part), part.size(), replacement);
}

using Rules = std::vector<std::string>;

Rules rules_for(const std::vector<std::string>& log) {
    const auto denials = mptcp_denials(log);
    return denials.size() == 1 ? denials[0].rules : Rules{std::to_string(denials.size()) + " denials"};
}

TEST(AppArmorLog, MergesTheRecordsOfAProfileIntoOneDenial) {
    const auto denials =
        mptcp_denials({preload, other, preload, socket_made, with(socket_made, "inet6", "inet")});
    ASSERT_EQ(denials.size(), 2U);
    EXPECT_EQ(denials[0].profile, "/usr/sbin/named");
    EXPECT_EQ(denials[0].record, preload);
    EXPECT_EQ(denials[0].rules, Rules{"/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1 mr,"});
    EXPECT_EQ(denials[1].profile, "pynet");
    EXPECT_EQ(denials[1].rules, (Rules{"network inet stream,", "network inet6 stream,"}));
}

TEST(AppArmorLog, AllowsMappingALibraryThatMayNotBeRead) {
    EXPECT_EQ(
        rules_for({with(with(preload, "file_mmap", "open"), "denied_mask=\"m\"", "denied_mask=\"r\"")}),
        Rules{"/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1 mr,"});
}

TEST(AppArmorLog, ProposesRulesThatApparmorParserAccepts) {
    EXPECT_EQ(rules_for({started}), Rules{"/usr/bin/mptcpize rix,"}); // the parser rejects "x" alone and "wc"
    EXPECT_EQ(
        rules_for({with(read_by_child, "denied_mask=\"r\"", "denied_mask=\"wc\"")}),
        Rules{"/proc/sys/net/mptcp/enabled w,"});
}

TEST(AppArmorLog, DecodesAHexadecimalName) {
    EXPECT_EQ(mptcp_denials({in_hex}).at(0).profile, "my profile");
}

TEST(AppArmorLog, IgnoresDenialsBeforeTheLastChangeOfTheProfile) {
    const std::string change = status("1795799300.000", R"(profile="unconfined" name="pynet")");
    EXPECT_TRUE(mptcp_denials({change, socket_made}).empty()) << "records are ordered by time";
    EXPECT_EQ(mptcp_denials({change, with(socket_made, "1795799244", "1795799301")}).size(), 1U);
    EXPECT_EQ(mptcp_denials({socket_made, with(change, "\"pynet\"", "\"other\"")}).size(), 1U);
    const std::string same = status(
        "1795799300.000", R"(info="same as current profile, skipping" profile="unconfined" name="pynet")");
    EXPECT_EQ(mptcp_denials({socket_made, same}).size(), 1U);
    EXPECT_TRUE(
        mptcp_denials({in_hex, status("1795799330.092", "profile=\"unconfined\" name=6D792070726F66696C65")})
            .empty());
}

TEST(AppArmorLog, RemovesNestedProfilesWithTheirParent) {
    const std::string change = status("1795799300.000", R"(profile="unconfined" name="/usr/bin/env")");
    EXPECT_EQ(mptcp_denials({read_by_child, change}).size(), 1U);
    EXPECT_TRUE(mptcp_denials({read_by_child, with(change, "profile_replace", "profile_remove")}).empty());
}

TEST(AppArmorLog, IgnoresPathsThatAnyUserCanChoose) {
    const std::string path = "/proc/sys/net/mptcp/enabled";
    for (const char* chosen :
         {"/tmp/mptcp", "/home/a/libmptcpwrap.so", "/usr/lib/mptcp{,/**}", "/etc/mptcp';id;'"}) {
        EXPECT_TRUE(mptcp_denials({with(read_by_child, path, chosen)}).empty()) << chosen;
    }
    EXPECT_TRUE(
        mptcp_denials({with(read_by_child, " profile=", " namespace=\"root//lxd-a\" profile=")}).empty());
}

const HostFile named{
    "/etc/apparmor.d/usr.sbin.named",
    "include <tunables/global>\n"
    "profile named /usr/sbin/named flags=(attach_disconnected) { # BIND\n"
    "  /etc/{a,b}/* r,\n"
    "  profile kid {\n"
    "    /x r,\n"
    "  }\n"
    "  #include <local/usr.sbin.named>\n"
    "}\n"
    "\"/usr/bin/my cat\" {\n"
    "}\n"};

TEST(AppArmorProfiles, AreFoundByTheNameInTheLog) {
    using rules::AppArmorProfilePlace;
    using rules::find_apparmor_profile;
    EXPECT_EQ(
        find_apparmor_profile({named}, "named"),
        (AppArmorProfilePlace{
            .file = named.path,
            .header = "profile named /usr/sbin/named flags=(attach_disconnected) { # BIND",
            .local_file = "/etc/apparmor.d/local/usr.sbin.named"}));
    EXPECT_EQ(
        find_apparmor_profile({named}, "named//kid"),
        (AppArmorProfilePlace{.file = named.path, .header = "  profile kid {", .local_file = ""}));
    EXPECT_EQ(find_apparmor_profile({named}, "/usr/bin/my cat")->header, "\"/usr/bin/my cat\" {");
    EXPECT_EQ(find_apparmor_profile({named}, "kid"), std::nullopt);
    EXPECT_EQ(find_apparmor_profile({named}, "docker-default"), std::nullopt);
}

TEST(AppArmorProfiles, AreNotFoundByAnAmbiguousHeader) {
    const HostFile twice{
        "/etc/apparmor.d/x", "/a {\n  profile kid {\n  }\n}\n/b {\n  profile kid {\n  }\n}\n"};
    EXPECT_EQ(rules::find_apparmor_profile({twice}, "/b//kid"), std::nullopt);
}

TEST(DoctorAppArmor, AddsTheRulesToTheFileOfTheProfile) {
    const auto fix = [](const std::string& profile) {
        Facts facts;
        facts.apparmor_log = {with(socket_made, "\"pynet\"", '"' + profile + '"')};
        facts.apparmor_profiles = {named};
        const std::vector<Finding> found = rules::apparmor(facts);
        return found.size() == 1 && found[0].subject == profile ? found[0].fix : "";
    };
    EXPECT_EQ(
        fix("named"),
        "printf '  %s\\n' 'network inet6 stream,' >>/etc/apparmor.d/local/usr.sbin.named && apparmor_parser "
        "-r "
        "/etc/apparmor.d/usr.sbin.named");
    EXPECT_EQ(
        fix("named//kid"),
        "sed -i -e '/^  profile kid {$/a\\  network inet6 stream,' /etc/apparmor.d/usr.sbin.named && "
        "apparmor_parser -r /etc/apparmor.d/usr.sbin.named");
    EXPECT_EQ(
        fix("docker-default"),
        "grep -rlsF -e docker-default /etc/apparmor.d /var/lib/snapd/apparmor/profiles   # no file in "
        "/etc/apparmor.d defines this profile; add to it: network inet6 stream,");
}

} // namespace
} // namespace keeper
