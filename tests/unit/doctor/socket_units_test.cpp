#include <gtest/gtest.h>

#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

TEST(DoctorSocketUnits, TakeMptcpSocketUnitsAndLocalOnesAsRight) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        f.socket_units = {
            {"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\nSocketProtocol=mptcp\n"},
            {"/etc/systemd/system/b.socket", "[Socket]\nListenStream=/run/b.socket\n"}};
    });
    EXPECT_EQ(find(diagnosis, Code::socket_unit_tcp), nullptr);
}

TEST(DoctorSocketUnits, LeaveSocketUnitsAloneThatNobodyWantsToBeMptcp) {
    const auto diagnosis = [](const char* declared, const char* asked) {
        return diagnose_with([&](Facts& f) {
            f.socket_units = {{"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n"}};
            f.desired->units[declared] = {};
            f.asked_unit = asked;
        });
    };
    EXPECT_EQ(find(diagnosis("other.service", ""), Code::socket_unit_tcp)->severity, Severity::info);
    EXPECT_TRUE(diagnosis("other.service", "").healthy());
    EXPECT_FALSE(diagnosis("a.service", "").healthy());
    EXPECT_FALSE(diagnosis("other.service", "a").healthy());
    EXPECT_EQ(
        find(diagnosis("a.socket", ""), Code::socket_unit_tcp)->fix,
        "systemctl daemon-reload && systemctl stop a.service && systemctl restart a.socket");
}

TEST(DoctorSocketUnits, GoByTheSocketsThatASocketUnitHas) {
    const EndpointKey port{*IpAddress::parse("::"), 80};
    const auto with = [&](const char* text, const Listeners& listeners) {
        return diagnose_with([&](Facts& f) {
            f.socket_units = {{"/usr/lib/systemd/system/a.socket", text}};
            f.listeners = listeners;
            f.desired->units["a*.socket"] = {};
        });
    };
    const char* told = "[Socket]\nListenStream=80\nSocketProtocol=mptcp\n";
    const Diagnosis stale = with(told, {{port}, {}});
    ASSERT_NE(find(stale, Code::socket_unit_tcp), nullptr);
    EXPECT_EQ(find(stale, Code::socket_unit_tcp)->severity, Severity::warning) << "a glob declares it";
    EXPECT_EQ(
        find(stale, Code::socket_unit_tcp)->fix, "systemctl stop a.service && systemctl restart a.socket");
    EXPECT_EQ(find(with(told, {{port}, {port}}), Code::socket_unit_tcp), nullptr);
    EXPECT_EQ(find(with(told, {}), Code::socket_unit_tcp), nullptr) << "it will be";
    const Diagnosis mixed = with("ListenStream=80\nListenStream=/run/a\n", {{port}, {}});
    ASSERT_NE(find(mixed, Code::socket_unit_tcp), nullptr);
    EXPECT_NE(find(mixed, Code::socket_unit_tcp)->fix.find("a unit of their own"), std::string::npos);
}

} // namespace
} // namespace keeper
