// SPDX-License-Identifier: LGPL-2.1-or-later
#include <functional>

#include <gtest/gtest.h>

#include "support/doctor_hosts.hpp"

namespace keeper::doctor_test {
namespace {

using Code = FindingCode;

const char* const uuid_of_eth0 = "1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c12";
const char* const uuid_of_eth1 = "1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13";

/// The healthy host with an active profile with these flags on each interface.
void add_manager(Facts& facts, MptcpFlags flags) {
    NetworkManagerState manager;
    manager.version = "1.42.4";
    for (Link& link : *facts.host.links) {
        link.default_route_v4 = true;
        for (LinkAddress& one : link.addresses) {
            one.no_prefix_route = true;
        }
        Profile profile;
        profile.name = "wan-" + link.name;
        profile.uuid = link.name == "eth0" ? uuid_of_eth0 : uuid_of_eth1;
        profile.stored = flags;
        ProfileActivation activation;
        activation.interface = link.name;
        activation.ifindex = link.ifindex;
        activation.live = flags;
        profile.activations.push_back(activation);
        manager.profiles.push_back(profile);
    }
    facts.host.network_manager = manager;
    facts.host.network_manager_never_ran = false;
}

Diagnosis without_endpoints(
    MptcpFlags flags, const std::function<void(Facts&)>& change = [](Facts&) {}) {
    return diagnose_with([&](Facts& facts) {
        add_manager(facts, flags);
        facts.host.endpoints->clear();
        facts.routes.clear();
        change(facts);
    });
}

TEST(ProfileEndpoints, AreReportedIfNetworkManagerCreatesNone) {
    const Diagnosis diagnosis = without_endpoints({MptcpFlag::subflow});
    const Finding* finding = find(diagnosis, Code::nm_makes_no_endpoint);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(
        finding->fix,
        std::string("nmcli connection up uuid ") + uuid_of_eth0 + " && nmcli connection up uuid " +
            uuid_of_eth1);
    EXPECT_EQ(find(diagnosis, Code::no_endpoint), nullptr) << "it would propose the existing flags";
}

TEST(ProfileEndpoints, MayBeMissingForOtherReasons) {
    const auto reported = [](MptcpFlags flags, const std::function<void(Facts&)>& change) {
        return find(without_endpoints(flags, change), Code::nm_makes_no_endpoint) != nullptr;
    };
    const auto nothing = [](Facts&) {};
    EXPECT_FALSE(reported({MptcpFlag::disabled}, nothing));
    EXPECT_FALSE(reported({MptcpFlag::subflow, MptcpFlag::also_without_sysctl}, nothing));
    EXPECT_FALSE(reported({MptcpFlag::subflow}, [](Facts& f) { (*f.host.sysctls)["enabled"] = "0"; }));
    EXPECT_FALSE(reported({MptcpFlag::subflow}, [](Facts& f) {
        f.host.endpoints = Observed<std::vector<Endpoint>>::unknown("");
    }));
    EXPECT_FALSE(reported({MptcpFlag::subflow}, [](Facts& f) {
        for (Link& link : *f.host.links) {
            link.default_route_v4 = false;
        }
    }));
    EXPECT_FALSE(reported({MptcpFlag::subflow}, [](Facts& f) {
        for (Link& link : *f.host.links) {
            link.addresses[0].no_prefix_route = false; // not from NetworkManager
        }
    }));
    EXPECT_FALSE(reported({MptcpFlag::subflow}, [](Facts& f) {
        f.host.endpoints = {endpoint("192.0.2.1", 2)}; // one of two exists
    }));
}

TEST(ProfileEndpoints, AreRedeclaredWhenMptcpIsEnabled) {
    const Diagnosis diagnosis =
        without_endpoints({MptcpFlag::subflow}, [](Facts& f) { (*f.host.sysctls)["enabled"] = "0"; });
    const Finding* finding = find(diagnosis, Code::mptcp_disabled);
    ASSERT_NE(finding, nullptr);
    for (const char* uuid : {uuid_of_eth0, uuid_of_eth1}) {
        const std::string rule = std::string("{uuid: ") + uuid + "}\n    mptcp-flags: [subflow]";
        EXPECT_NE(finding->fix.find(rule), std::string::npos) << finding->fix;
    }
    EXPECT_EQ(find(diagnosis, Code::no_endpoint), nullptr) << "its fix would change nothing";
}

TEST(NetworkManagerDefault, ForOneDeviceIsAWarningIfItDisablesMptcp) {
    const auto severity = [](MptcpFlags stored, MptcpFlags by_default) {
        const Diagnosis diagnosis = diagnose_with([&](Facts& facts) {
            add_manager(facts, stored);
            facts.host.network_manager->profiles[1].activations[0].default_flags = by_default;
        });
        const Finding* finding = find(diagnosis, Code::nm_conf_default);
        return finding == nullptr ? "none"
                                  : std::string(to_string(finding->severity)) + " " + finding->subject;
    };
    EXPECT_EQ(severity({}, {MptcpFlag::disabled}), "warning eth1");
    EXPECT_EQ(severity({}, {MptcpFlag::enabled, MptcpFlag::signal}), "info eth1");
    EXPECT_EQ(severity({MptcpFlag::subflow}, {MptcpFlag::disabled}), "none");
}

TEST(NetworkManagerDefault, IsReplacedByFlagsForTheRole) {
    const auto fix = [](bool is_server) {
        const Diagnosis diagnosis = diagnose_with([&](Facts& facts) {
            add_manager(facts, {});
            facts.host.network_manager->default_flags = {MptcpFlag::disabled};
            if (is_server) {
                accept_only(facts);
            }
        });
        const Finding* finding = find(diagnosis, Code::nm_conf_default);
        return finding == nullptr ? "none" : finding->fix;
    };
    EXPECT_TRUE(fix(true).ends_with("mptcp-flags: [signal]")) << fix(true);
    EXPECT_TRUE(fix(false).ends_with("mptcp-flags: [subflow]")) << fix(false);
}

} // namespace
} // namespace keeper::doctor_test
