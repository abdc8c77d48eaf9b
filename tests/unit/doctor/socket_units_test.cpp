// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "applications/socket_units.hpp"
#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

TEST(DoctorSocketUnits, WithMptcpOrLocalSocketsAreFine) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        f.socket_units = {
            {"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\nSocketProtocol=mptcp\n"},
            {"/etc/systemd/system/b.socket", "[Socket]\nListenStream=/run/b.socket\n"}};
    });
    EXPECT_EQ(find(diagnosis, Code::socket_unit_tcp), nullptr);
}

TEST(DoctorSocketUnits, AreAWarningOnlyIfDeclaredOrRequested) {
    const auto diagnosis = [](const char* declared, const char* asked) {
        return diagnose_with([&](Facts& f) {
            f.socket_units = {{"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n"}};
            f.desired->units[declared] = {};
            f.requested_unit = asked;
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

TEST(DoctorSocketUnits, GetTheCureOfStatusWhereSystemdIsTooOld) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        f.socket_units = {{"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\nService=b.service\n"}};
        f.first_systemd_with_mptcp_sockets = 257;
    });
    const std::string& fix = find(diagnosis, Code::socket_unit_tcp)->fix;
    EXPECT_TRUE(fix.starts_with(listen_without("a.socket", "b.service") + "   # ")) << fix;
}

TEST(DoctorSocketUnits, ThatStayOnTcpAreFine) {
    for (const char* unit : {"a.socket", "a.service"}) {
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            f.socket_units = {{"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n"}};
            f.desired->never[unit] = {"a.yaml", 1, 1};
            f.requested_unit = "a.service";
        });
        EXPECT_EQ(find(diagnosis, Code::socket_unit_tcp), nullptr) << unit;
    }
}

TEST(DoctorSocketUnits, AreClassifiedByTheirListeningSockets) {
    const SocketAddress port{*IpAddress::parse("::"), 80};
    const auto with = [&](const char* text, const Listeners& listeners) {
        return diagnose_with([&](Facts& f) {
            f.socket_units = {{"/usr/lib/systemd/system/a.socket", text}};
            f.listeners = listeners;
            f.desired->units["a*.socket"] = {};
        });
    };
    const char* mptcp_unit = "[Socket]\nListenStream=80\nSocketProtocol=mptcp\n";
    const Diagnosis stale = with(mptcp_unit, {{port}, {}});
    ASSERT_NE(find(stale, Code::socket_unit_tcp), nullptr);
    EXPECT_EQ(find(stale, Code::socket_unit_tcp)->severity, Severity::warning) << "a glob declares it";
    EXPECT_EQ(
        find(stale, Code::socket_unit_tcp)->fix, "systemctl stop a.service && systemctl restart a.socket");
    EXPECT_EQ(find(with(mptcp_unit, {{port}, {port}}), Code::socket_unit_tcp), nullptr);
    EXPECT_EQ(find(with(mptcp_unit, {}), Code::socket_unit_tcp), nullptr) << "systemd will create it";
    const Diagnosis mixed = with("ListenStream=80\nListenStream=/run/a\n", {{port}, {}});
    ASSERT_NE(find(mixed, Code::socket_unit_tcp), nullptr);
    EXPECT_NE(find(mixed, Code::socket_unit_tcp)->fix.find("a separate unit"), std::string::npos);
}

} // namespace
} // namespace keeper
