// SPDX-License-Identifier: LGPL-2.1-or-later
// Useless endpoints, and paths that do not work or are not what they seem.
#include <functional>

#include <gtest/gtest.h>

#include "support/doctor_hosts.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

TEST(DoctorTable, FindsUselessEndpoints) {
    using enum EndpointFlag;
    const auto with = [](EndpointFlags flags) {
        return diagnose_with([&](Facts& f) { (*f.host.endpoints)[1].flags = flags; });
    };
    EXPECT_EQ(
        fix_of(with({}), Code::endpoint_useless),
        "endpoints:\n  - {address: \"198.51.100.1\", interface: eth1, flags: [subflow, laminar]}");
    EXPECT_EQ(
        fix_of(with({backup}), Code::endpoint_useless),
        "endpoints:\n  - {address: \"198.51.100.1\", interface: eth1, flags: [subflow, backup, laminar]}");
    EXPECT_EQ(find(with({fullmesh}), Code::endpoint_useless), nullptr);
    EXPECT_EQ(find(with({laminar}), Code::endpoint_useless), nullptr);
    const Diagnosis link_local =
        diagnose_with([](Facts& f) { f.host.endpoints->push_back(endpoint("fe80::1", 2, {}, 7)); });
    EXPECT_EQ(fix_of(link_local, Code::endpoint_useless), "ip mptcp endpoint delete id 7");
}

/// The table as mptcpd leaves it, with two endpoints of NetworkManager.
Facts crowded() {
    Facts facts = healthy_facts();
    const MptcpFlags flags{MptcpFlag::subflow};
    facts.host.network_manager = manager("1.42.4", flags);
    facts.host.network_manager_never_ran = false;
    facts.host.links->push_back(link(9, "docker0", "172.17.0.1"));
    facts.host.links->push_back(link(10, "eth2", "203.0.113.1"));
    facts.host.links->back().default_route_v4 = false;
    facts.link_drivers[Ifindex{9}] = {"bridge", {}};
    facts.off_link = {address("192.0.2.1"), address("198.51.100.1"), address("203.0.113.1")};
    using enum EndpointFlag;
    facts.host.endpoints->push_back(endpoint("fe80::1", 2, {subflow}, 3));
    facts.host.endpoints->push_back(endpoint("172.17.0.1", 9, {subflow}, 4));
    facts.host.endpoints->push_back(endpoint("10.9.0.1", 2, {}, 5));
    facts.host.endpoints->push_back(endpoint("10.9.0.2", 77, {subflow}, 6));
    facts.host.endpoints->push_back(endpoint("203.0.113.9", 0, {signal}, 7));
    facts.host.endpoints->push_back(endpoint("203.0.113.1", 10, {subflow}, 8));
    facts.host.limits = Limits{8, 2};
    return facts;
}

TEST(DoctorTable, DeletesOnlyUselessEndpoints) {
    const std::string useless = "ip mptcp endpoint delete id 3   # fe80::1: it is a link-local address\n"
                                "ip mptcp endpoint delete id 4   # 172.17.0.1: docker0 is a bridge\n"
                                "ip mptcp endpoint delete id 5   # 10.9.0.1: it has no flags\n"
                                "ip mptcp endpoint delete id 6   # 10.9.0.2: its interface no longer exists";
    EXPECT_EQ(fix_of(diagnose(crowded()), Code::endpoint_table_full), useless);
    Facts with_daemon = crowded();
    with_daemon.mptcpd = Mptcpd{};
    with_daemon.mptcpd->pid = 7;
    EXPECT_EQ(
        fix_of(diagnose(with_daemon), Code::mptcpd_conflict),
        "systemctl disable --now mptcp.service\n" + useless);
    Facts declared = crowded();
    declared.desired->endpoints[at("172.17.0.1")].flags = {EndpointFlag::subflow};
    EXPECT_EQ(fix_of(diagnose(declared), Code::endpoint_table_full).find("id 4"), std::string::npos);
    Facts used = crowded();
    connect(used, {"172.17.0.1"}, true);
    EXPECT_EQ(fix_of(diagnose(used), Code::endpoint_table_full).find("id 4"), std::string::npos);
    Facts unknown = crowded();
    unknown.host.network_manager.reset();
    unknown.host.network_manager_error = "it does not answer";
    EXPECT_EQ(fix_of(diagnose(unknown), Code::endpoint_table_full).find("id 3"), std::string::npos)
        << "any endpoint may be NetworkManager's";
}

TEST(DoctorTable, IsNotFullIfItHoldsMoreThanASmallOne) {
    EXPECT_EQ(
        find(
            diagnose_with([](Facts& f) {
                f.host.endpoints->resize(9, (*f.host.endpoints)[1]);
                f.host.limits->subflows = 9;
            }),
            Code::endpoint_table_full),
        nullptr);
}

TEST(DoctorInitialAddress, IsReportedClosedIfNoOtherIsAnnounced) {
    const auto with = [](auto change) {
        return diagnose_with([&](Facts& f) {
            (*f.host.sysctls)["allow_join_initial_addr_port"] = "0";
            accept_only(f);
            change(f);
        });
    };
    const Diagnosis closed = with([](Facts& f) { f.listeners = Listeners{{at("0.0.0.0", 4321)}, {}}; });
    EXPECT_EQ(find(closed, Code::initial_address_closed)->severity, Severity::warning);
    EXPECT_NE(
        fix_of(closed, Code::initial_address_closed)
            .find("- {address: \"192.0.2.1\", port: 4322, interface: eth0, flags: [signal]}"),
        std::string::npos)
        << fix_of(closed, Code::initial_address_closed);
    const auto announce = [](Facts& f) { (*f.host.endpoints)[0].flags = {EndpointFlag::signal}; };
    EXPECT_EQ(find(with(announce), Code::initial_address_closed), nullptr);
}

TEST(DoctorInitialAddress, OfAPeerSeemsClosedIfNoSubflowIsAttempted) {
    const auto with = [](auto change) {
        return diagnose_with([&](Facts& f) {
            connect(f, {"192.0.2.1"}, true);
            change(f);
        });
    };
    const Diagnosis lonely = with([](Facts&) {});
    ASSERT_NE(find(lonely, Code::peer_address_closed), nullptr);
    EXPECT_EQ(find(lonely, Code::peer_address_closed)->severity, Severity::warning);
    EXPECT_EQ(
        fix_of(lonely, Code::peer_address_closed),
        "endpoints:\n  - {address: \"198.51.100.1\", interface: eth1, flags: [subflow, laminar]}");
    const Diagnosis ready = with([](Facts& f) {
        (*f.host.endpoints)[1].flags = (*f.host.endpoints)[1].flags.with(EndpointFlag::laminar);
    });
    EXPECT_EQ(find(ready, Code::peer_address_closed)->severity, Severity::info);
    const Diagnosis refuses_announcements = with([](Facts& f) { f.host.limits->add_addr_accepted = 0; });
    EXPECT_TRUE(fix_of(refuses_announcements, Code::peer_address_closed)
                    .starts_with("limits: {add_addr_accepted: 2}\nendpoints:"));
    EXPECT_EQ(
        find(with([](Facts& f) { f.counters["MPJoinSynTx"] = 1; }), Code::peer_address_closed), nullptr);
    EXPECT_EQ(find(with([](Facts& f) { f.host.endpoints->pop_back(); }), Code::peer_address_closed), nullptr);
}

TEST(DoctorAnnouncements, OfIpv6WithAPortAreDroppedWithTimestamps) {
    const auto with = [](auto change) {
        return diagnose_with([&](Facts& f) {
            (*f.host.links)[1] = link(3, "eth1", "2001:db8::1");
            (*f.host.endpoints)[1] = {
                at("2001:db8::1", 4321), {EndpointFlag::signal}, Ifindex{3}, EndpointId{2}};
            accept_only(f);
            (*f.host.endpoints)[0].flags = {EndpointFlag::signal};
            change(f);
        });
    };
    const Diagnosis dropped = with([](Facts& f) { f.counters["AddAddrTxDrop"] = 3; });
    const Finding* finding = find(dropped, Code::add_addr_dropped);
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(finding->evidence.find("AddAddrTxDrop 3"), std::string::npos);
    EXPECT_NE(finding->fix.find("state: absent"), std::string::npos) << finding->fix;
    EXPECT_EQ(
        fix_of(
            with([](Facts& f) { (*f.host.sysctls)["add_addr_v6_port_drop_ts"] = "0"; }),
            Code::add_addr_dropped),
        "sysctl: {add_addr_v6_port_drop_ts: true}");
    EXPECT_EQ(
        find(
            with([](Facts& f) { (*f.host.sysctls)["add_addr_v6_port_drop_ts"] = "1"; }),
            Code::add_addr_dropped),
        nullptr);
    EXPECT_EQ(find(with([](Facts& f) { f.tcp_timestamps = false; }), Code::add_addr_dropped), nullptr);
}

TEST(DoctorLimits, CountTheMeshOfEndpointsAndAnnouncedAddresses) {
    using enum EndpointFlag;
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        for (Endpoint& endpoint : *f.host.endpoints) {
            endpoint.flags = {subflow, fullmesh};
        }
    });
    const Finding* finding = find(diagnosis, Code::subflow_limit_too_low);
    ASSERT_NE(finding, nullptr);
    EXPECT_NE(
        finding->evidence.find("2 fullmesh endpoints and 2 accepted addresses can create 3"),
        std::string::npos)
        << finding->evidence;
    EXPECT_EQ(finding->fix, "limits: {subflows: 3, add_addr_accepted: 2}");
}

TEST(DoctorTunnels, AreNotPathsForTheirOwnConnections) {
    const auto with = [](auto change) {
        return diagnose_with([&](Facts& f) {
            (*f.host.links)[1].name = "wg0";
            f.link_drivers[Ifindex{3}] = {"wireguard", {}};
            change(f);
        });
    };
    const Diagnosis plain = with([](Facts&) {});
    ASSERT_NE(find(plain, Code::tunnel_as_path), nullptr);
    EXPECT_EQ(find(plain, Code::tunnel_as_path)->severity, Severity::info);
    EXPECT_EQ(find(plain, Code::tunnel_as_path)->subject, "wg0");
    const Diagnosis carried = with([](Facts& f) {
        f.programs = {program(7, 0, 1)};
        f.programs[0].name = "openvpn";
    });
    EXPECT_EQ(find(carried, Code::tunnel_as_path)->severity, Severity::warning);
    const Diagnosis managed = with([](Facts& f) {
        f.host.network_manager = manager("1.42.4", {MptcpFlag::subflow});
        f.host.network_manager->profiles[1].type = "wireguard";
    });
    EXPECT_EQ(
        fix_of(managed, Code::tunnel_as_path),
        "profiles:\n  - match: {type: [wireguard, tun, ip-tunnel]}\n    mptcp-flags: disabled");
    const Diagnosis only_tunnels = with([](Facts& f) { f.link_drivers[Ifindex{2}] = {"wireguard", {}}; });
    EXPECT_EQ(find(only_tunnels, Code::tunnel_as_path), nullptr) << "tunnels are the only paths";
    const Diagnosis wanted =
        with([](Facts& f) { f.desired->endpoints[at("198.51.100.1")].flags = {EndpointFlag::subflow}; });
    EXPECT_EQ(find(wanted, Code::tunnel_as_path), nullptr);
}

TEST(DoctorRoutes, AreEvaluatedForLivePeers) {
    const auto with = [](bool is_routed, bool to_peer) {
        return diagnose_with([&](Facts& f) {
            connect(f, {"192.0.2.1", "198.51.100.1"}, true);
            f.routes[1].found = is_routed;
            f.routes[1].refusal = is_routed ? "" : "Network is unreachable";
            f.peer_routes = {
                {(*f.host.endpoints)[0].key, address("203.0.113.80"), true, ""},
                {(*f.host.endpoints)[1].key, address("203.0.113.80"), to_peer, "Network is unreachable"}};
        });
    };
    EXPECT_EQ(find(with(false, true), Code::endpoint_no_route), nullptr)
        << "the peer is on a connected network";
    const Diagnosis unreachable = with(true, false);
    ASSERT_NE(find(unreachable, Code::endpoint_no_route), nullptr) << "a policy rule selects another route";
    EXPECT_EQ(
        fix_of(unreachable, Code::endpoint_no_route).substr(0, 62),
        "ip route add 203.0.113.80 via GATEWAY dev eth1 metric 200   # ");
    EXPECT_EQ(find(with(true, true), Code::endpoint_no_route), nullptr);
}

TEST(DoctorRoutes, AreAddedToTheProfileOfAManagedDevice) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        f.host.network_manager = manager("1.42.4", {MptcpFlag::subflow});
        f.routes[1] = {(*f.host.endpoints)[1].key, false, {}, "Network is unreachable"};
    });
    EXPECT_EQ(
        fix_of(diagnosis, Code::endpoint_no_route),
        "nmcli connection modify uuid 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13 +ipv4.routes '0.0.0.0/0 GATEWAY "
        "200' && "
        "nmcli connection up uuid 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13");
}

/// The fix on a host with or without NetworkManager.
std::string fix_where(bool is_managed, Code code, const std::function<void(Facts&)>& change) {
    return fix_of(
        diagnose_with([&](Facts& f) {
            if (is_managed) {
                f.host.network_manager = manager("1.42.4", {MptcpFlag::subflow});
            }
            change(f);
        }),
        code);
}

TEST(DoctorRoutes, ForAnIdleEndpointAreAddedToTheProfileToo) {
    const auto fix = [](bool is_managed) {
        return fix_where(is_managed, Code::join_blocked, [](Facts& f) {
            connect(f, {"192.0.2.1"}, true);
            f.counters["MPJoinSynTxConnectErr"] = 2;
        });
    };
    EXPECT_EQ(
        fix(true),
        "nmcli connection modify uuid 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13 +ipv4.routes '0.0.0.0/0 GATEWAY "
        "200' && "
        "nmcli connection up uuid 1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c13");
    EXPECT_TRUE(fix(false).starts_with("ip route add default via GATEWAY dev eth1 metric 200")) << fix(false);
}

TEST(DoctorLinks, AreBroughtUpByTheProgramThatManagesThem) {
    const auto fix = [](bool is_managed) {
        return fix_where(is_managed, Code::link_down, [](Facts& f) { (*f.host.links)[1].up = false; });
    };
    EXPECT_EQ(fix(true), "nmcli device connect eth1");
    EXPECT_EQ(fix(false), "ip link set dev eth1 up");
}

TEST(DoctorBackup, IsReportedIfEverySubflowHasTheFlag) {
    const auto with = [](bool by_peer) {
        return diagnose_with([&](Facts& f) {
            connect(f, {"192.0.2.1", "198.51.100.1"}, true);
            for (ConnectionSubflow& subflow : (*f.host.connections)[0].subflows) {
                subflow.backup = true;
                SubflowSides& sides = f.subflow_sides[{subflow.local, subflow.remote}];
                (by_peer ? sides.backup_there : sides.backup_here) = true;
            }
            if (!by_peer) {
                (*f.host.endpoints)[0].flags =
                    (*f.host.endpoints)[1].flags = {EndpointFlag::subflow, EndpointFlag::backup};
            }
        });
    };
    const Diagnosis here = with(false);
    ASSERT_NE(find(here, Code::all_subflows_backup), nullptr);
    EXPECT_NE(
        find(here, Code::all_subflows_backup)
            ->evidence.find("192.0.2.1 by this host (its endpoint has the flag)"),
        std::string::npos)
        << find(here, Code::all_subflows_backup)->evidence;
    EXPECT_TRUE(
        fix_of(here, Code::all_subflows_backup)
            .starts_with("endpoints:\n  - {address: \"192.0.2.1\", interface: eth0, flags: [subflow]}"));
    EXPECT_NE(
        find(with(true), Code::all_subflows_backup)->evidence.find("192.0.2.1 by the peer"),
        std::string::npos);
    const Diagnosis mixed = diagnose_with([](Facts& f) { connect(f, {"192.0.2.1", "198.51.100.1"}, true); });
    EXPECT_EQ(find(mixed, Code::all_subflows_backup), nullptr);
}

} // namespace
} // namespace keeper
