// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

std::vector<Finding> findings_of(Code code, const Facts& facts) {
    std::vector<Finding> result;
    for (const Finding& finding : rules::routes(facts)) {
        if (finding.code == code) {
            result.push_back(finding);
        }
    }
    return result;
}

TEST(InterfaceSysctls, MaximumOfBothReversePathFiltersApplies) {
    for (const int all : {0, 1, 2}) {
        for (const int own : {0, 1, 2}) {
            Facts facts = healthy_facts();
            facts.rp_filter = {{"all", all}, {"eth0", own}, {"eth1", 2}};
            EXPECT_EQ(findings_of(Code::rp_filter_strict, facts).size(), std::max(all, own) == 1 ? 1U : 0U)
                << all << " " << own;
        }
    }
}

TEST(InterfaceSysctls, FixIsPermanentAndSupportsNamesWithDots) {
    Facts facts = healthy_facts();
    (*facts.host.links)[0].name = "eth0.5";
    facts.rp_filter = {{"all", 1}, {"eth0.5", 0}, {"eth1", 2}};
    const auto found = findings_of(Code::rp_filter_strict, facts);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(
        found[0].fix,
        "printf '%s\\n' 'net/ipv4/conf/eth0.5/rp_filter = 2' >>/etc/sysctl.d/90-multipath.conf && "
        "sysctl -p /etc/sysctl.d/90-multipath.conf");
}

Severity severity_in_shared_subnet(
    const std::map<std::string, int>& ignore, const std::map<std::string, int>& announce) {
    Facts facts = healthy_facts();
    facts.subnets[address("198.51.100.1")] = "192.0.2.0/24";
    facts.arp_ignore = ignore;
    facts.arp_announce = announce;
    return findings_of(Code::same_subnet, facts).at(0).severity;
}

TEST(InterfaceSysctls, SharedSubnetNeedsStrictArpOnEachInterface) {
    EXPECT_EQ(severity_in_shared_subnet({}, {}), Severity::warning);
    EXPECT_EQ(severity_in_shared_subnet({{"all", 1}}, {{"all", 2}}), Severity::info);
    EXPECT_EQ(severity_in_shared_subnet({{"eth0", 1}, {"eth1", 2}}, {{"all", 2}}), Severity::info);
    EXPECT_EQ(severity_in_shared_subnet({{"eth0", 1}}, {{"eth0", 2}}), Severity::warning)
        << "eth1 is not strict";
    EXPECT_EQ(
        severity_in_shared_subnet({{"all", 1}}, {{"all", 1}, {"eth0", 2}, {"eth1", 2}}), Severity::info);
}

Facts with_ipv6_rule(const char* tool, const char* text) {
    Facts facts = healthy_facts();
    (*facts.host.links)[0].addresses[0].address = address("2001:db8:1::1");
    (*facts.host.links)[1].addresses[0].address = address("2001:db8:2::1");
    facts.host.endpoints = {endpoint("2001:db8:1::1", 2), endpoint("2001:db8:2::1", 3)};
    facts.rulesets = {{tool, text}};
    return facts;
}

TEST(InterfaceSysctls, Ipv6ReversePathFilterIsARule) {
    const auto found = findings_of(
        Code::rp_filter_strict,
        with_ipv6_rule(
            "nft",
            "table inet firewalld {\n chain filter_PREROUTING {\n"
            "  meta nfproto ipv6 fib saddr . mark . iif oif missing drop # handle 9\n } }\n"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].subject, "IPv6");
    EXPECT_NE(found[0].fix.find("IPv6_rpfilter=no"), std::string::npos);
    EXPECT_EQ(
        findings_of(
            Code::rp_filter_strict,
            with_ipv6_rule("ip6tables", "-A PREROUTING -m rpfilter --invert -j DROP\n"))
            .size(),
        1U);
    for (const char* loose :
         {"-A PREROUTING -m rpfilter --loose --invert -j DROP\n", "-A PREROUTING -m rpfilter -j ACCEPT\n"}) {
        EXPECT_TRUE(findings_of(Code::rp_filter_strict, with_ipv6_rule("ip6tables", loose)).empty()) << loose;
    }
    EXPECT_TRUE(
        findings_of(Code::rp_filter_strict, with_ipv6_rule("nft", "fib saddr . mark oif missing drop\n"))
            .empty());
}

} // namespace
} // namespace keeper
