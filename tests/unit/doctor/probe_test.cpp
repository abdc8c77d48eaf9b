// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "doctor/probe_verdict.hpp"
#include "model/probe_target.hpp"
#include "report/doctor_report.hpp"
#include "report/json.hpp"
#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

ProbeFact fallen_back() {
    ProbeFact probe;
    probe.target = "server:5201";
    probe.address = "192.0.2.9";
    probe.connected = true;
    probe.fallback = true;
    probe.packets_seen = true;
    probe.syn_with_option = 1;
    probe.synack_seen = true;
    probe.counters = {{"MPCapableSYNTX", 1}};
    return probe;
}

LostAt lost_at(const ProbeFact& probe) {
    return evaluate_probe(probe).lost_at;
}

TEST(DoctorProbe, ShowsWhereTheOptionWasLost) {
    ProbeFact probe = fallen_back();
    EXPECT_EQ(lost_at(probe), LostAt::peer_or_path);
    probe.synack_padded = true;
    EXPECT_EQ(lost_at(probe), LostAt::path);
    probe = fallen_back();
    probe.synack_with_option = true;
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
    probe.counters["MPCapableSYNACKRX"] = 1;
    EXPECT_EQ(lost_at(probe), LostAt::path);
    probe = fallen_back();
    probe.syn_with_option = 0;
    probe.syn_without_option = 1;
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
    probe.syn_with_option = 3;
    EXPECT_EQ(lost_at(probe), LostAt::path);
}

TEST(DoctorProbe, UsesTheCountersWithoutPackets) {
    ProbeFact probe = fallen_back();
    probe.packets_seen = false;
    EXPECT_EQ(lost_at(probe), LostAt::peer_or_path);
    probe.counters["MPCapableSYNTXDrop"] = 1;
    EXPECT_EQ(lost_at(probe), LostAt::path);
    probe.counters.clear();
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
}

TEST(DoctorProbe, ReportsNothingIfTheConnectionIsMptcp) {
    Facts facts = doctor_test::healthy_facts();
    facts.probe = fallen_back();
    EXPECT_EQ(rules::probe(facts).size(), 1U);
    facts.probe->fallback = false;
    EXPECT_TRUE(rules::probe(facts).empty());
    EXPECT_EQ(diagnose(facts).probe->lost_at, LostAt::nowhere);
}

/// A probe that could not connect.
ProbeFact refused() {
    ProbeFact probe;
    probe.target = "server:5201";
    probe.address = "192.0.2.9";
    probe.error = "cannot connect to server:5201: Connection refused";
    return probe;
}

Diagnosis diagnosis_with(const ProbeFact& probe) {
    return doctor_test::diagnose_with([&](Facts& facts) { facts.probe = probe; });
}

TEST(DoctorProbe, ReportsAFailedConnection) {
    const Diagnosis diagnosis = diagnosis_with(refused());
    const Finding* finding = doctor_test::find(diagnosis, FindingCode::probe_failed);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->severity, Severity::warning);
    EXPECT_EQ(to_string(finding->code), "PROBE_FAILED");
    EXPECT_FALSE(diagnosis.healthy());
    EXPECT_EQ(diagnosis.probe->lost_at, LostAt::unknown);
    EXPECT_FALSE(diagnosis.probe->connected);
    const std::string text = doctor_text(diagnosis, Colour::never);
    EXPECT_EQ(text.find("MPTCP was lost"), std::string::npos) << text;
}

TEST(DoctorProbe, BlamesThisHostIfItHasNoMptcpSocket) {
    ProbeFact probe = refused();
    probe.has_socket = false;
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
    EXPECT_EQ(
        doctor_test::find(diagnosis_with(probe), FindingCode::probe_failed)->fix,
        "sysctl -w net.mptcp.enabled=1");
}

TEST(DoctorProbe, BlamesThePathIfPlainTcpConnects) {
    ProbeFact probe = refused();
    probe.connects_by_tcp = false;
    EXPECT_EQ(lost_at(probe), LostAt::unknown);
    probe.connects_by_tcp = true;
    EXPECT_EQ(lost_at(probe), LostAt::path);
}

TEST(DoctorProbe, HasNoAddressForAnUnknownName) {
    ProbeFact probe = refused();
    probe.address.clear();
    const Diagnosis diagnosis = diagnosis_with(probe);
    EXPECT_EQ(doctor_test::find(diagnosis, FindingCode::probe_failed)->fix, "getent ahosts server");
    EXPECT_TRUE(Json::parse(doctor_json(diagnosis))["probe"]["address"].is_null());
}

TEST(DoctorProbe, ReportsABlackholeThatTheKernelDetected) {
    ProbeFact probe = fallen_back();
    probe.syn_with_option = 0;
    probe.syn_without_option = 1;
    probe.counters = {{"MPCapableSYNTXDisabled", 1}};
    EXPECT_EQ(lost_at(probe), LostAt::this_host);
    const Diagnosis diagnosis = diagnosis_with(probe);
    const Finding* finding = doctor_test::find(diagnosis, FindingCode::peer_or_path_fallback);
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(finding->evidence.find("blackhole"), std::string::npos);
    EXPECT_NE(finding->fix.find("blackhole_timeout"), std::string::npos);
}

TEST(ProbeTarget, IsAHostAndAPort) {
    EXPECT_EQ(parse_probe_target("server.example:443"), (ProbeTarget{"server.example", 443}));
    EXPECT_EQ(parse_probe_target("192.0.2.1:65535"), (ProbeTarget{"192.0.2.1", 65535}));
    EXPECT_EQ(parse_probe_target("[2001:db8::1]:80"), (ProbeTarget{"2001:db8::1", 80}));
    for (const char* wrong :
         {"",
          ":",
          "foo",
          "1.2.3.4",
          ":80",
          "h:",
          "h:0",
          "h:99999",
          "h:-1",
          "h:+1",
          "h:8o",
          "h: 80",
          "a b:80",
          "2001:db8::1:80",
          "[]:80",
          "[h]:80",
          "[2001:db8::1]",
          "-h:80",
          "http://h:80"}) {
        EXPECT_EQ(parse_probe_target(wrong), std::nullopt) << wrong;
    }
}

} // namespace
} // namespace keeper
