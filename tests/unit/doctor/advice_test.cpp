// SPDX-License-Identifier: LGPL-2.1-or-later
// What doctor proposes: flags for the host's role, on interfaces that lead to other hosts.
#include <gtest/gtest.h>

#include "doctor/link_kind.hpp"
#include "doctor/role.hpp"
#include "support/doctor_hosts.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;
using rules::LinkKind;
using rules::Role;

TEST(DoctorRole, FollowsFromConnectionsCountersAndListeners) {
    const auto role = [](auto change) {
        Facts facts = healthy_facts();
        reset_counters(facts);
        change(facts);
        return rules::role_of(facts);
    };
    EXPECT_EQ(role([](Facts&) {}), Role::unknown);
    EXPECT_EQ(role([](Facts& f) { connect(f, {"192.0.2.1"}, true); }), Role::client);
    EXPECT_EQ(role([](Facts& f) { connect(f, {"192.0.2.1"}, false); }), Role::server);
    EXPECT_EQ(
        role([](Facts& f) {
            connect(f, {"192.0.2.1"}, true);
            connect(f, {"192.0.2.1"}, false);
        }),
        Role::both);
    EXPECT_EQ(role(accept_only), Role::server);
    EXPECT_EQ(role([](Facts& f) { f.counters["MPCapableSYNTX"] = 3; }), Role::client);
    EXPECT_EQ(
        role([](Facts& f) {
            f.counters["MPCapableSYNRX"] = 1000;
            f.counters["MPCapableSYNTX"] = 3; // its updates
        }),
        Role::server);
    EXPECT_EQ(
        role([](Facts& f) {
            f.listeners = Listeners{{at("0.0.0.0", 80)}, {at("0.0.0.0", 80)}};
        }),
        Role::server);
    EXPECT_EQ(
        role([](Facts& f) {
            f.listeners = Listeners{{at("127.0.0.1", 80)}, {at("127.0.0.1", 80)}};
        }),
        Role::unknown);
    EXPECT_EQ(
        role([](Facts& f) {
            (*f.host.endpoints)[0] = {
                at("192.0.2.1", 4000), {EndpointFlag::signal}, Ifindex{2}, EndpointId{1}};
            f.listeners = Listeners{{}, {at("192.0.2.1", 4000)}};
        }),
        Role::unknown)
        << "the kernel's own listener for an endpoint";
}

TEST(DoctorAdvice, ProposesSubflowToAClientAndSignalToAServer) {
    const auto fix = [](auto change) {
        return fix_of(
            diagnose_with([&](Facts& f) {
                without_endpoints(f);
                (*f.host.links)[1].carrier = false;
                change(f);
            }),
            Code::no_endpoint);
    };
    EXPECT_EQ(
        fix([](Facts&) {}),
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow, laminar]}");
    EXPECT_EQ(
        fix([](Facts& f) { f.host.kernel_release = "6.1.0"; }),
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow]}");
    EXPECT_EQ(fix(accept_only), "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [signal]}");
    const std::string either = fix(reset_counters);
    EXPECT_TRUE(either.starts_with(
        "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow, laminar]}\n# "))
        << either;
    EXPECT_NE(either.find("signal"), std::string::npos) << "both alternatives are named";
}

TEST(DoctorAdvice, DeclaresProfilesForDevicesOfNetworkManager) {
    const auto fix = [](const char* version, auto change) {
        return fix_of(
            diagnose_with([&](Facts& f) {
                without_endpoints(f);
                f.host.network_manager = manager(version, {MptcpFlag::disabled});
                change(f);
            }),
            Code::no_endpoint);
    };
    EXPECT_EQ(
        fix("1.58.0", [](Facts& f) { (*f.host.links)[1].default_route_v4 = false; }),
        "profiles:\n"
        "  - match: {uuid: 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c12}   # wan on eth0\n"
        "    mptcp-flags: [subflow, laminar]\n"
        "  - match: {uuid: 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13}   # lan on eth1\n"
        "    mptcp-flags: [also-without-default-route, subflow, laminar]");
    EXPECT_NE(fix("1.42.4", accept_only).find("mptcp-flags: [signal]"), std::string::npos);
    const std::string mixed = fix("1.42.4", [](Facts& f) {
        f.host.network_manager->profiles.pop_back();
        (*f.host.links)[0].addresses[0].no_prefix_route =
            false; // added manually: NetworkManager creates no endpoint for it
    });
    EXPECT_EQ(
        mixed,
        "endpoints:\n  - {address: \"192.0.2.1\", flags: [subflow, laminar]}\n"
        "  - {address: \"198.51.100.1\", interface: eth1, flags: [subflow, laminar]}");
}

TEST(DoctorAdvice, SkipsInterfacesThatDoNotLeadToOtherHosts) {
    for (const char* kind :
         {"bridge",
          "openvswitch",
          "wireguard",
          "tun",
          "gre",
          "ipip",
          "sit",
          "vti",
          "xfrm",
          "vxlan",
          "dummy",
          "vrf",
          "macvtap",
          "veth"}) {
        SCOPED_TRACE(kind);
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            without_endpoints(f);
            f.link_drivers[Ifindex{3}] = {kind, {}};
            f.off_link = {address("192.0.2.1")};
        });
        const Finding* finding = find(diagnosis, Code::no_endpoint);
        EXPECT_EQ(
            finding->fix,
            "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow, laminar]}");
        EXPECT_NE(finding->evidence.find("eth1 is"), std::string::npos) << finding->evidence;
    }
}

TEST(DoctorAdvice, ProposesEveryInterfaceThatIsASeparatePath) {
    for (const char* kind :
         {"", "vlan", "bond", "team", "macvlan", "ipvlan", "wwan", "ppp", "macsec", "veth"}) {
        SCOPED_TRACE(kind);
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            without_endpoints(f);
            f.link_drivers[Ifindex{3}] = {kind, {}};
            f.off_link = {address("192.0.2.1"), address("198.51.100.1")};
        });
        EXPECT_NE(fix_of(diagnosis, Code::no_endpoint).find("eth1"), std::string::npos);
    }
}

TEST(DoctorAdvice, ClassifiesAVlanByTheInterfaceBelow) {
    Facts facts = healthy_facts();
    facts.link_drivers = {{Ifindex{2}, {"bridge", {}}}, {Ifindex{3}, {"vlan", Ifindex{2}}}};
    EXPECT_EQ(rules::kind_of(facts, (*facts.host.links)[1]), LinkKind::bridge);
    facts.link_drivers[Ifindex{2}].kind = "";
    EXPECT_EQ(rules::kind_of(facts, (*facts.host.links)[1]), LinkKind::ordinary);
    facts.link_drivers[Ifindex{2}] = {"macvlan", Ifindex{3}}; // a loop of two
    EXPECT_EQ(rules::kind_of(facts, (*facts.host.links)[1]), LinkKind::ordinary);
}

TEST(DoctorAdvice, SkipsAddressesWithoutARouteIfOthersHaveOne) {
    const auto proposes_eth1 = [](std::set<IpAddress> off_link) {
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            without_endpoints(f);
            f.off_link = std::move(off_link);
        });
        return fix_of(diagnosis, Code::no_endpoint).find("eth1") != std::string::npos;
    };
    EXPECT_FALSE(proposes_eth1({address("192.0.2.1")}));
    EXPECT_TRUE(proposes_eth1({}))
        << "without any route to other networks, the hosts on the links are the peers";
}

TEST(DoctorAdvice, QuotesUnusualInterfaceNames) {
    for (const char* name : {"yes", "on", "1e5", "a*b", "{a}", "a\"b", "a\\b", "#a", "-", "~"}) {
        SCOPED_TRACE(name);
        const Diagnosis diagnosis = diagnose_with([&](Facts& f) {
            without_endpoints(f);
            (*f.host.links)[1].carrier = false;
            (*f.host.links)[0].name = name;
        });
        const LoadedConfig config = parse_config({{"pasted", fix_of(diagnosis, Code::no_endpoint)}});
        ASSERT_TRUE(config.valid()) << config.errors.front().message;
        EXPECT_EQ(config.desired.endpoints.begin()->second.interface, name);
    }
}

TEST(DoctorRoles, FindFlagsForTheOtherEnd) {
    const auto with = [](EndpointFlags flags, auto change) {
        return diagnose_with([&](Facts& f) {
            (*f.host.endpoints)[0].flags = flags;
            change(f);
        });
    };
    using enum EndpointFlag;
    const Diagnosis on_server = with({signal, subflow}, [](Facts& f) {
        accept_only(f);
        f.counters["MPJoinSynTxCreatSkErr"] = 2;
    });
    const Finding* finding = find(on_server, Code::endpoint_wrong_role);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->severity, Severity::warning);
    EXPECT_EQ(finding->subject, "192.0.2.1");
    EXPECT_EQ(finding->fix, "endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [signal]}");
    EXPECT_NE(finding->evidence.find("attempts so far: 2"), std::string::npos) << finding->evidence;

    EXPECT_EQ(find(with({subflow}, accept_only), Code::endpoint_wrong_role)->severity, Severity::info);
    EXPECT_EQ(find(with({signal, subflow}, reset_counters), Code::endpoint_wrong_role), nullptr);
    EXPECT_EQ(find(with({subflow}, [](Facts&) {}), Code::endpoint_wrong_role), nullptr);
    const Diagnosis on_client = with({signal, subflow}, [](Facts&) {});
    EXPECT_EQ(find(on_client, Code::endpoint_wrong_role)->severity, Severity::info) << "a public address";
    EXPECT_EQ(find(with({signal}, [](Facts&) {}), Code::endpoint_wrong_role)->severity, Severity::warning);
}

TEST(DoctorRoles, WarnAboutAPrivateAddressThatAClientAnnounces) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        (*f.host.links)[0] = link(2, "eth0", "192.168.1.7");
        (*f.host.endpoints)[0] = endpoint("192.168.1.7", 2, {EndpointFlag::signal, EndpointFlag::subflow});
        f.routes[0].endpoint = (*f.host.endpoints)[0].key;
        connect(f, {"198.51.100.1"}, true);
    });
    EXPECT_EQ(find(diagnosis, Code::endpoint_wrong_role)->severity, Severity::warning);
}

} // namespace
} // namespace keeper
