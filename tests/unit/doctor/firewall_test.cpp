// SPDX-License-Identifier: LGPL-2.1-or-later
#include <set>

#include <gtest/gtest.h>

#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

TEST(DoctorFirewall, FindsRulesByTheirEffect) {
    const auto found = [](const char* tool, const std::string& rule) {
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            f.rulesets = {{tool, "table ip t { # handle 1\n\tchain c { # handle 1\n\t\t" + rule + "\n"}};
        });
        std::set<Code> codes;
        for (const Finding& finding : diagnosis.findings) {
            codes.insert(finding.code);
        }
        return codes;
    };
    const std::set<Code> nothing;
    const std::set<Code> drops{Code::firewall_drops_join};
    const std::set<Code> strips{Code::firewall_strips_mptcp};
    for (const char* rule :
         {"tcp dport 80 accept comment \"reset tcp option mptcp\" # handle 8",
          "tcp option mptcp missing drop # handle 9",
          "tcp option mptcp exists log prefix \"drop \" continue",
          "tcp option mptcp exists tcp dport 80 accept comment \"no drop here\"",
          "tcp option maxseg size set rt mtu",
          "tcp dport 80 drop # tcp option mptcp exists",
          "tcp option mptcp"}) {
        EXPECT_EQ(found("nft", rule), nothing) << rule;
    }
    for (const char* rule :
         {"tcp option mptcp exists counter packets 0 bytes 0 drop # handle 3",
          "tcp option mptcp subtype { 1, 2 } counter packets 0 bytes 0 drop",
          "tcp option mptcp unknown & 240 vmap { 16 : drop }",
          "tcp option 30 exists reject with tcp reset"}) {
        EXPECT_EQ(found("nft", rule), drops) << rule;
    }
    EXPECT_EQ(found("nft", "tcp flags syn reset tcp option mptcp # handle 7"), strips);
    EXPECT_EQ(found("iptables", "-A OUTPUT -p tcp -j TCPOPTSTRIP --strip-options 5,30"), strips);
    EXPECT_EQ(found("iptables", "-A OUTPUT -p tcp -j TCPOPTSTRIP --strip-options 5 --x 30"), nothing);
    EXPECT_EQ(found("iptables", "-A INPUT -p tcp -m tcp --tcp-option 30 -j REJECT"), drops);
    EXPECT_EQ(found("iptables", "-A INPUT -p tcp -m tcp ! --tcp-option 30 -j DROP"), nothing);
    EXPECT_EQ(found("iptables", "-A INPUT -p tcp -m comment --comment \"--tcp-option 30\" -j DROP"), nothing);
    EXPECT_EQ(found("iptables", "-A INPUT -p tcp -m tcp --tcp-option 3 --dport 30 -j DROP"), nothing);
}

TEST(DoctorFirewall, ReportsARuleOfIptablesOnce) {
    const std::string nft =
        "table ip filter { # handle 2\n\tchain INPUT { # handle 1\n"
        "\t\tmeta l4proto tcp tcp option 30 exists counter packets 0 bytes 0 drop # handle 2\n\t}\n}\n";
    const auto findings = [&](const std::string& iptables) {
        return diagnose_with([&](Facts& f) { f.rulesets = {{"nft", nft}, {"iptables", iptables}}; }).findings;
    };
    const auto reported = findings("*filter\n-A INPUT -p tcp -m tcp --tcp-option 30 -j DROP\n");
    ASSERT_EQ(reported.size(), 1U);
    EXPECT_EQ(reported[0].subject, "iptables table filter chain INPUT");
    EXPECT_EQ(reported[0].fix, "iptables -t filter -D INPUT -p tcp -m tcp --tcp-option 30 -j DROP");
    EXPECT_EQ(findings("*filter\n-A OUTPUT -p tcp -m tcp --tcp-option 30 -j DROP\n").size(), 2U);
    EXPECT_EQ(findings("").size(), 1U);
}

} // namespace
} // namespace keeper
