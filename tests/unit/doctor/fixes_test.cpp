// SPDX-License-Identifier: LGPL-2.1-or-later
#include <functional>

#include <gtest/gtest.h>

#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;

TEST(DoctorFixes, DependOnTheVersionOfGo) {
    const auto finding_of = [](const char* version, bool asks_go, std::size_t mptcp_sockets) {
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            f.programs.resize(1);
            f.programs[0].is_go = f.programs[0].executable_known = f.programs[0].is_requested = true;
            f.programs[0].command = "/usr/bin/caddy run";
            f.programs[0].go_version = version;
            f.programs[0].asks_go = asks_go;
            f.programs[0].mptcp_sockets = mptcp_sockets;
        });
        const Finding* finding = find(diagnosis, FindingCode::go_program);
        return finding == nullptr ? Finding{} : *finding;
    };
    EXPECT_EQ(finding_of("1.24.4", false, 0).fix, "GODEBUG=multipathtcp=1 /usr/bin/caddy run");
    EXPECT_EQ(finding_of("", false, 0).fix, "GODEBUG=multipathtcp=1 /usr/bin/caddy run");
    EXPECT_EQ(finding_of("1.24.4", true, 1).severity, Severity::info);
    EXPECT_NE(finding_of("1.24.4", true, 0).fix.find("SetMultipathTCP"), std::string::npos);
    EXPECT_NE(finding_of("1.19.8", true, 0).fix.find("rebuild it"), std::string::npos);
}

TEST(DoctorFixes, DependOnWhatTheKernelAccepts) {
    const auto fix_of = [](FindingCode code, const std::function<void(Facts&)>& change) {
        const Diagnosis diagnosis = diagnose_with(change);
        const Finding* finding = find(diagnosis, code);
        return finding == nullptr ? std::string() : finding->fix;
    };
    const auto endpoints = [&](const char* release, KernelBounds kernel) {
        return fix_of(FindingCode::no_endpoint, [&](Facts& f) {
            f.host.kernel_release = release;
            f.kernel = kernel;
            f.host.endpoints->clear();
            f.routes.clear();
            (*f.host.links)[1].carrier = false;
        });
    };
    const std::string with_laminar =
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow, laminar]}";
    const std::string without_laminar =
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow]}";
    EXPECT_EQ(endpoints("6.12.40", {}), without_laminar);
    EXPECT_EQ(endpoints("6.12.40", {.kept_flags = {EndpointFlag::laminar}}), with_laminar);
    EXPECT_EQ(endpoints("6.18.1", {.dropped_flags = {EndpointFlag::laminar}}), without_laminar);

    const auto limits = [&](std::optional<std::uint32_t> maximum) {
        return fix_of(FindingCode::join_rejected, [&](Facts& f) {
            f.kernel.limit_maximum = maximum;
            f.host.limits->subflows = 8;
            f.counters["MPJoinRejected"] = 3;
        });
    };
    EXPECT_NE(limits(64).find("subflows: 10"), std::string::npos) << limits(64);
    EXPECT_NE(limits(8).find("subflows: 8"), std::string::npos) << limits(8);
}

TEST(DoctorFixes, ContainTheValuesOfThisHost) {
    const auto fix_of = [](FindingCode code, const std::function<void(Facts&)>& change) {
        const Diagnosis diagnosis = diagnose_with(change);
        const Finding* finding = find(diagnosis, code);
        return finding == nullptr ? std::string() : finding->fix;
    };
    EXPECT_EQ(
        fix_of(
            FindingCode::no_endpoint,
            [](Facts& f) {
                f.host.endpoints->clear();
                f.routes.clear();
                (*f.host.links)[1].carrier = false;
            }),
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow, laminar]}");
    EXPECT_EQ(
        fix_of(
            FindingCode::wrong_sysctl_name,
            [](Facts& f) {
                f.sysctl_files = {{"/etc/sysctl.d/90.conf", "net.mptcp.mptcp_debug=1\n"}};
            }),
        R"(sed -i -E '\,^([[:space:]]*-?net[./]mptcp[./])mptcp_debug([[:space:]]*=),d' /etc/sysctl.d/90.conf)");
    EXPECT_EQ(
        fix_of(
            FindingCode::firewall_strips_mptcp,
            [](Facts& f) {
                f.rulesets = {
                    {"nft",
                     "table inet t { # handle 1\n\tchain c { # handle 2\n\t\treset tcp option mptcp # handle "
                     "7\n"}};
            }),
        "nft delete rule inet t c handle 7");
}

} // namespace
} // namespace keeper
