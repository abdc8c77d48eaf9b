// SPDX-License-Identifier: LGPL-2.1-or-later
#include <set>

#include <gtest/gtest.h>

#include "support/doctor_cases.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

void expect_fires(const std::vector<RuleCase>& cases) {
    for (const RuleCase& one : cases) {
        const Diagnosis diagnosis = diagnose_with(one.change);
        const Finding* finding = find(diagnosis, one.code);
        ASSERT_NE(finding, nullptr) << to_string(one.code);
        EXPECT_EQ(finding->severity, one.severity) << to_string(one.code);
        EXPECT_FALSE(finding->subject.empty() || finding->evidence.empty() || finding->fix.empty())
            << to_string(one.code);
        EXPECT_FALSE(diagnosis.healthy());
    }
}

TEST(DoctorRules, ReportNothingOnAHealthyHost) {
    EXPECT_EQ(diagnose(healthy_facts()).findings, std::vector<Finding>{});
    EXPECT_TRUE(diagnose(healthy_facts()).healthy());
}

TEST(DoctorRules, ReportNothingFromMissingFacts) {
    EXPECT_TRUE(diagnose_with([](Facts& f) {
                    f = Facts{};
                    f.host.mptcp_supported = true;
                }).findings.empty());
}

TEST(DoctorRules, FindProblemsOfKernelAndLimits) {
    expect_fires(kernel_cases());
}

TEST(DoctorRules, FindProblemsOfEndpointsAndRoutes) {
    expect_fires(endpoint_cases());
    expect_fires(network_manager_cases());
}

TEST(DoctorRules, FindLostAndRefusedMptcp) {
    expect_fires(traffic_cases());
}

TEST(DoctorRules, FindUnsuitableEndpoints) {
    expect_fires(advice_cases());
}

TEST(DoctorRules, FindProgramsThatUseTcp) {
    expect_fires(program_cases());
}

TEST(DoctorRules, EveryCodeHasACase) {
    std::set<Code> seen;
    for (const RuleCase& one : all_cases()) {
        seen.insert(one.code);
    }
    EXPECT_EQ(seen, std::set<Code>(finding_codes.begin(), finding_codes.end()));
}

TEST(DoctorRules, DoNotMistakeAPeerThatIsDownForABlackhole) {
    const auto after = [](std::uint64_t unanswered, bool counts_blackholes) {
        return diagnose_with([&](Facts& f) {
            f.counters["MPCapableSYNTX"] = 40;
            f.counters["MPCapableSYNTXDrop"] = unanswered;
            if (counts_blackholes) {
                f.counters["Blackhole"] = 0;
            }
        });
    };
    EXPECT_EQ(find(after(1, true), Code::blackhole_active), nullptr);
    EXPECT_EQ(find(after(1, false), Code::blackhole_active), nullptr);
    const Diagnosis often = after(30, true);
    EXPECT_EQ(find(often, Code::blackhole_active)->severity, Severity::info);
    EXPECT_EQ(find(after(30, false), Code::blackhole_active)->severity, Severity::warning);
}

TEST(DoctorRules, ProposeTheSameLimitInEveryFinding) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        f.host.limits = Limits{0, 4};
        f.counters["MPJoinRejected"] = 3;
    });
    EXPECT_EQ(find(diagnosis, Code::subflow_limit_too_low)->fix, "limits: {subflows: 4}");
    EXPECT_EQ(find(diagnosis, Code::join_rejected)->fix, "limits: {subflows: 4}");
}

TEST(DoctorRules, AllowAnnouncingAPublicAddressBehindNat) {
    const Diagnosis diagnosis = diagnose_with(
        [](Facts& f) { f.host.endpoints->push_back(endpoint("203.0.113.9", 0, {EndpointFlag::signal}, 3)); });
    EXPECT_EQ(find(diagnosis, Code::endpoint_address_missing)->severity, Severity::info);
    EXPECT_TRUE(diagnosis.healthy());
}

} // namespace
} // namespace keeper
