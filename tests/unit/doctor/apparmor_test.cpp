#include <gtest/gtest.h>

#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;

// As the kernel writes them.
const std::string preload =
    R"(type=AVC msg=audit(1700000000.123:45): apparmor="DENIED" operation="file_mmap" profile="/usr/sbin/named" )"
    R"(name="/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1" pid=812 comm="named" requested_mask="m" )"
    R"(denied_mask="m" fsuid=0 ouid=0)";
const std::string socket_made =
    R"(6,1234,5678,-;audit: type=1400 audit(1700000001.5:46): apparmor="DENIED" operation="create" )"
    R"(profile="mysqld" pid=900 comm="mysqld" family="inet6" sock_type="stream" protocol=262 )"
    R"(requested_mask="create" denied_mask="create")";
const std::string other =
    R"(type=AVC msg=audit(1700000000.123:47): apparmor="DENIED" operation="open" profile="/usr/sbin/named" )"
    R"(name="/etc/shadow" pid=812 comm="named" requested_mask="r" denied_mask="r")";

TEST(DoctorAppArmor, DenialsAboutMptcpAreFoundOnceWithTheRuleThatAllowsThem) {
    Facts facts;
    facts.apparmor_denials = {preload, other, preload, socket_made};
    const std::vector<Finding> found = rules::apparmor(facts);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].subject, "/usr/sbin/named");
    EXPECT_EQ(
        found[0].fix,
        "echo '  /usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1 mr,' "
        ">>/etc/apparmor.d/local/usr.sbin.named && apparmor_parser -r /etc/apparmor.d/usr.sbin.named");
    EXPECT_EQ(
        found[1].fix,
        "echo '  network inet6 stream,' >>/etc/apparmor.d/local/mysqld && apparmor_parser -r "
        "/etc/apparmor.d/mysqld");
}

} // namespace
} // namespace keeper
