// SPDX-License-Identifier: LGPL-2.1-or-later
#include <functional>

#include <gtest/gtest.h>

#include "support/agreement_host.hpp"

/// Doctor's proposals for items that the configuration declares.
namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

/// The finding on the healthy host with that declaration and one change.
Finding
finding_with(Code code, const std::string& declaration, const std::function<void(Facts&)>& change = {}) {
    Facts facts = healthy_facts();
    facts.desired = parse_config({{"m.yaml", declaration}}).desired;
    if (change) {
        change(facts);
    }
    const Diagnosis diagnosis = diagnose(facts);
    const Finding* finding = find(diagnosis, code);
    return finding == nullptr ? Finding{} : *finding;
}

std::string
fix_with(Code code, const std::string& declaration, const std::function<void(Facts&)>& change = {}) {
    return finding_with(code, declaration, change).fix;
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

void manage(Facts& facts, const char* version, MptcpFlags flags) {
    facts.host.network_manager_never_ran = false;
    facts.host.network_manager = manager(version, flags);
}

TEST(DoctorDeclared, UsesTheDeclaredNameOfThePathManager) {
    const auto in_user_space = [](Facts& f) {
        (*f.host.sysctls)["path_manager"] = "userspace";
        (*f.host.sysctls)["pm_type"] = "1";
    };
    const auto fix = [&](const char* declaration) {
        return fix_with(Code::userspace_path_manager, declaration, in_user_space);
    };
    EXPECT_EQ(fix(""), "sysctl: {path_manager: kernel}");
    EXPECT_EQ(fix("sysctl: {pm_type: 1}"), "sysctl: {pm_type: 0}") << "declaring both names is an error";
    EXPECT_EQ(fix("sysctl: {pm_type: 0}"), "mptcp-keeper apply --only sysctl   # already declared");
}

TEST(DoctorDeclared, KeepsMptcpdIfItsPathManagerIsDeclared) {
    const auto serve = [](Facts& f) {
        (*f.host.sysctls)["path_manager"] = "userspace";
        f.mptcpd.emplace();
        f.mptcpd->pid = 9;
    };
    EXPECT_NE(fix_with(Code::mptcpd_conflict, "limits: {subflows: 2}", serve), "");
    EXPECT_EQ(
        fix_with(Code::mptcpd_conflict, "sysctl: {path_manager: userspace}\nlimits: {subflows: 2}", serve),
        "");
}

TEST(DoctorDeclared, NeverLowersADeclaredLimit) {
    const auto fix = [](const char* declaration, Limits now) {
        return fix_with(Code::subflow_limit_too_low, declaration, [&](Facts& f) { f.host.limits = now; });
    };
    EXPECT_EQ(fix("limits: {subflows: 5}", {0, 2}), "mptcp-keeper apply --only limits");
    EXPECT_EQ(fix("limits: {subflows: 1}", {1, 4}), "limits: {subflows: 4}");
    EXPECT_EQ(
        fix_with(
            Code::add_addr_not_accepted,
            "limits: {add_addr_accepted: 4}",
            [](Facts& f) { f.host.limits->add_addr_accepted = 0; }),
        "mptcp-keeper apply --only limits");
}

TEST(DoctorDeclared, DoesNotRepeatADeclaredLimitAtTheKernelsMaximum) {
    const std::string fix = fix_with(Code::join_rejected, "limits: {subflows: 8}", [](Facts& f) {
        f.kernel.limit_maximum = 8;
        f.host.limits->subflows = 8;
        f.counters["MPJoinRejected"] = 3;
    });
    EXPECT_TRUE(has(fix, "on the peers")) << fix;
}

TEST(DoctorDeclared, DoesNotDeclareChecksumsThatAreEnabled) {
    const auto rewrite = [](Facts& f) {
        f.counters["DataCsumErr"] = 1;
        (*f.host.sysctls)["checksum_enabled"] = "1";
    };
    EXPECT_FALSE(
        has(fix_with(Code::middlebox_rewrites, "sysctl: {checksum_enabled: true}", rewrite), "sysctl"));
}

TEST(DoctorDeclared, DoesNotDeleteADeclaredEndpoint) {
    const auto lose = [](Facts& f) {
        f.host.endpoints->push_back(endpoint("203.0.113.9", 0, {EndpointFlag::signal}, 3));
    };
    EXPECT_EQ(
        fix_with(
            Code::endpoint_address_missing, "endpoints: [{address: 203.0.113.9, flags: [signal]}]", lose),
        "endpoints:\n  - {address: \"203.0.113.9\", state: absent}   # or: ip address add "
        "203.0.113.9/LENGTH dev INTERFACE")
        << "the next apply would add it again";
    const auto wait = [](Facts& f) {
        f.host.endpoints->push_back(endpoint("203.0.113.9", 2, {EndpointFlag::subflow}, 3));
    };
    EXPECT_EQ(
        fix_with(
            Code::endpoint_address_missing,
            "endpoints: [{address: 203.0.113.9, interface: eth0, flags: [subflow]}]",
            wait),
        "ip address add 203.0.113.9/LENGTH dev eth0   # or remove the endpoint from m.yaml:1");
}

TEST(DoctorDeclared, ReaddsADeclaredEndpointByApplying) {
    const std::string fix = fix_with(
        Code::join_blocked, "endpoints: [{address: 192.0.2.1, flags: [subflow], id: 1}]", [](Facts& f) {
            f.counters["MPJoinSynTxBindErr"] = 1;
        });
    EXPECT_TRUE(has(fix, "ip mptcp endpoint delete id 1 && mptcp-keeper apply --only endpoints")) << fix;
}

TEST(DoctorDeclared, BindsADeclaredEndpointInItsEntry) {
    EXPECT_EQ(
        fix_with(
            Code::endpoint_no_device,
            "endpoints: [{address: 192.0.2.1, flags: [subflow], id: 1}]",
            [](Facts& f) { (*f.host.endpoints)[0].ifindex = {}; }),
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow], id: 1}");
}

TEST(DoctorDeclared, DoesNotProposeAnAddressThatIsDeclaredAbsent) {
    const Finding finding = finding_with(
        Code::no_endpoint, "endpoints: [{address: 192.0.2.1, state: absent}]", without_endpoints);
    EXPECT_FALSE(has(finding.fix, "192.0.2.1")) << finding.fix;
    EXPECT_TRUE(has(finding.fix, "198.51.100.1")) << finding.fix;
    EXPECT_TRUE(has(finding.evidence, "192.0.2.1 is declared absent in m.yaml:1")) << finding.evidence;
}

TEST(DoctorDeclared, AppliesIfTheMissingEndpointsAreDeclared) {
    EXPECT_EQ(
        fix_with(
            Code::no_endpoint,
            "endpoints:\n  - {address: 192.0.2.1, interface: eth0, flags: [subflow]}\n"
            "  - {address: 198.51.100.1, interface: eth1, flags: [subflow]}",
            without_endpoints),
        "mptcp-keeper apply --only endpoints,profiles");
}

TEST(DoctorDeclared, ProposesNothingForAProfileThatIsDeclaredDisabled) {
    const std::string fix =
        fix_with(Code::no_endpoint, "profiles: [{match: {name: wan}, mptcp-flags: disabled}]", [](Facts& f) {
            without_endpoints(f);
            manage(f, "1.56.0", {MptcpFlag::disabled});
        });
    EXPECT_FALSE(has(fix, "wan")) << fix;
    EXPECT_TRUE(has(fix, "lan on eth1")) << fix;
}

TEST(DoctorDeclared, DoesNotOverrideADeclaredRule) {
    const auto turn_off = [](Facts& f) {
        manage(f, "1.56.0", {});
        f.host.network_manager->default_flags = {MptcpFlag::disabled};
    };
    const std::string fix =
        fix_with(Code::nm_conf_default, "profiles: [{match: {name: wan}, mptcp-flags: signal}]", turn_off);
    EXPECT_FALSE(has(fix, "\"*\"")) << fix;
    EXPECT_TRUE(has(fix, "match: {uuid: [1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13]}")) << fix;
    EXPECT_FALSE(has(
        fix_with(Code::nm_conf_default, "profiles: [{match: {name: \"*\"}, mptcp-flags: signal}]", turn_off),
        "match"));
}

TEST(DoctorDeclared, AppliesInsteadOfActivatingAProfileThatHasDrifted) {
    EXPECT_EQ(
        fix_with(
            Code::nm_flags_not_live,
            "profiles: [{match: {name: wan}, mptcp-flags: subflow}]",
            [](Facts& f) {
                manage(f, "1.56.0", {MptcpFlag::subflow});
                f.host.network_manager->profiles[0].stored = {MptcpFlag::signal};
            }),
        "mptcp-keeper apply --only profiles");
}

TEST(DoctorDeclared, ChangesTheEntryAndNotTheProfileOfItsDevice) {
    const std::string fix = fix_with(
        Code::endpoint_wrong_role,
        "endpoints: [{address: 192.0.2.1, flags: [signal, subflow], id: 1}]",
        [](Facts& f) {
            manage(f, "1.56.0", {MptcpFlag::disabled});
            f.host.endpoints = {endpoint("192.0.2.1", 0, {EndpointFlag::signal, EndpointFlag::subflow})};
            accept_only(f);
        });
    EXPECT_EQ(fix, "endpoints:\n  - {address: \"192.0.2.1\", flags: [signal], id: 1}");
}

TEST(DoctorDeclared, EnablesMptcpTogetherWithTheUnitsThatNeedIt) {
    const std::string fix = fix_with(Code::app_uses_tcp, "sysctl: {enabled: false}", [](Facts& f) {
        f.programs = {requested("/usr/bin/server")};
    });
    EXPECT_EQ(fix, "sysctl: {enabled: true}\napplications:\n  units: [server.service]");
}

TEST(DoctorDeclared, QuotesTheEscapesInAUnitName) {
    const std::string fix = fix_with(Code::app_uses_tcp, "", [](Facts& f) {
        f.programs = {requested("/usr/bin/server")};
        f.programs[0].unit = "app@one\\x2dtwo.service";
    });
    const LoadedConfig pasted = parse_config({{"pasted", fix}});
    ASSERT_TRUE(pasted.valid()) << fix;
    EXPECT_TRUE(pasted.desired.units.contains("app@one\\x2dtwo.service"));
}

TEST(DoctorDeclared, DoesNotRenameALineToADeclaredSysctl) {
    const auto fix = [](const char* declaration) {
        return fix_with(Code::wrong_sysctl_name, declaration, [](Facts& f) {
            f.sysctl_files = {{"/etc/sysctl.d/90.conf", "net.mptcp.mptcp_enabled=0\n"}};
        });
    };
    EXPECT_TRUE(has(fix(""), "\\1enabled\\2"));
    EXPECT_TRUE(has(fix("sysctl: {enabled: true}"), ",d' /etc/sysctl.d/90.conf"))
        << "it would contradict the declaration";
}

TEST(DoctorDeclared, ComparesSysctlsAsNumbers) {
    const auto fix = [](const char* line) {
        return fix_with(Code::sysctl_overridden, "sysctl: {enabled: true}", [&](Facts& f) {
            f.sysctl_files = {{"/etc/sysctl.d/90.conf", line}};
        });
    };
    EXPECT_EQ(fix("net.mptcp.enabled = 0x1\n"), "");
    EXPECT_NE(fix("net.mptcp.enabled = 0\n"), "");
}

Finding leftover_with(const char* declaration, const char* commands) {
    return finding_with(Code::recipe_leftover, declaration, [&](Facts& f) {
        add_file(f, "/etc/rc.local", "/etc/rc.local", std::string("#!/bin/sh\n") + commands);
    });
}

TEST(DoctorDeclared, FileWithUndeclaredSettingsDoesNotCompete) {
    const Finding only = leftover_with("sysctl: {enabled: true}", "ip mptcp limits set subflows 4\n");
    EXPECT_EQ(only.severity, Severity::info) << "the configuration does not declare limits";
    EXPECT_FALSE(has(only.evidence, "competes with the configuration")) << only.evidence;
    const Finding both = leftover_with("limits: {subflows: 4}", "ip mptcp limits set subflows 4\n");
    EXPECT_EQ(both.severity, Severity::warning);
    EXPECT_TRUE(has(both.evidence, "competes with the configuration")) << both.evidence;
}

TEST(DoctorDeclared, FileWithPartlyDeclaredSettingsIsExportedFirst) {
    const Finding part =
        leftover_with("limits: {subflows: 4}", "ip mptcp limits set subflows 4 add_addr_accepted 2\n");
    EXPECT_TRUE(has(part.fix, "# first declare the other settings of this file")) << part.fix;
    EXPECT_FALSE(has(part.evidence, "competes with the configuration")) << part.evidence;
}

} // namespace
} // namespace keeper
