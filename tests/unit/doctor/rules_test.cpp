#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "support/doctor_fixture.hpp"

namespace keeper {
namespace {

using namespace doctor_test;
using Code = FindingCode;

/// A rule that fires on the healthy host with one thing changed; on the unchanged one none fires.
struct RuleCase {
    Code code;
    Severity severity;
    std::function<void(Facts&)> change;
};

NetworkManagerState manager(MptcpFlags stored, MptcpFlags live) {
    Profile profile;
    profile.uuid = "1f1c1a52-7a67-4a0b-9e57-4e0d5a1b9c11";
    profile.name = "wan";
    profile.stored = stored;
    profile.activations = {{"eth0", Ifindex{2}, live, false}};
    NetworkManagerState state;
    state.version = "1.42.4";
    state.profiles = {profile};
    return state;
}

const MptcpFlags wide{MptcpFlag::subflow, MptcpFlag::also_without_default_route};

std::vector<RuleCase> kernel_cases() {
    return {
        {Code::kernel_no_mptcp, Severity::error, [](Facts& f) { f.host.mptcp_supported = false; }},
        {Code::mptcp_disabled, Severity::error, [](Facts& f) { (*f.host.sysctls)["enabled"] = "0"; }},
        {Code::wrong_sysctl_name,
         Severity::warning,
         [](Facts& f) {
             f.sysctl_files = {{"/etc/sysctl.d/90.conf", "net.mptcp.mptcp_enabled=1\n"}};
         }},
        {Code::sysctl_overridden,
         Severity::warning,
         [](Facts& f) {
             f.sysctl_files = {{"/etc/sysctl.d/90.conf", "net.mptcp.enabled=0\n"}};
             f.desired->sysctls["enabled"] = {"1", {"a.yaml", 2, 1}};
         }},
        {Code::disable_breaks_programs,
         Severity::warning,
         [](Facts& f) {
             f.desired->sysctls["enabled"] = {"0", {"a.yaml", 2, 1}};
             f.programs = {program(7, 0, 1)};
         }},
        {Code::subflow_limit_too_low, Severity::error, [](Facts& f) { f.host.limits->subflows = 0; }},
        {Code::add_addr_not_accepted,
         Severity::warning,
         [](Facts& f) {
             f.host.limits->add_addr_accepted = 0;
             f.counters["AddAddr"] = 1;
         }},
        {Code::userspace_path_manager,
         Severity::error,
         [](Facts& f) { (*f.host.sysctls)["path_manager"] = "userspace"; }},
        {Code::mptcpd_conflict,
         Severity::warning,
         [](Facts& f) {
             f.mptcpd = Mptcpd{};
             f.mptcpd->pid = 7;
         }},
        {Code::mptcpd_config,
         Severity::warning,
         [](Facts& f) {
             f.mptcpd = Mptcpd{};
             f.mptcpd->pid = 7;
             f.mptcpd->config = HostFile{"/etc/mptcpd/mptcpd.conf", "plugin-dir=/nowhere\n"};
             f.mptcpd->plugin_folder = "/nowhere";
         }},
    };
}

std::vector<RuleCase> endpoint_cases() {
    return {
        {Code::no_endpoint,
         Severity::warning,
         [](Facts& f) {
             f.host.endpoints->clear();
             f.routes.clear();
         }},
        {Code::endpoint_address_missing,
         Severity::error,
         [](Facts& f) { (*f.host.links)[1].addresses.clear(); }},
        {Code::endpoint_address_tentative,
         Severity::warning,
         [](Facts& f) { (*f.host.links)[1].addresses[0].tentative = true; }},
        {Code::endpoint_no_device,
         Severity::error,
         [](Facts& f) { (*f.host.endpoints)[1].ifindex = Ifindex{9}; }},
        {Code::endpoint_no_route,
         Severity::warning,
         [](Facts& f) {
             f.routes[1] = {(*f.host.endpoints)[1].key, false, {}, "Network is unreachable"};
         }},
        {Code::endpoint_table_full,
         Severity::warning,
         [](Facts& f) {
             f.host.endpoints->resize(8, (*f.host.endpoints)[1]);
             f.host.limits->subflows = 8;
         }},
        {Code::no_default_route,
         Severity::warning,
         [](Facts& f) {
             (*f.host.links)[0].default_route_v4 = false;
             f.host.network_manager = manager({MptcpFlag::subflow}, {MptcpFlag::subflow});
         }},
        {Code::same_subnet,
         Severity::warning,
         [](Facts& f) { f.subnets[address("198.51.100.1")] = "192.0.2.0/24"; }},
        {Code::family_mismatch,
         Severity::warning,
         [](Facts& f) {
             (*f.host.links)[1] = link(3, "eth1", "2001:db8::1");
             (*f.host.endpoints)[1] = endpoint("2001:db8::1", 3, {EndpointFlag::subflow}, 2);
         }},
        {Code::rp_filter_strict, Severity::warning, [](Facts& f) { f.rp_filter["all"] = 1; }},
        {Code::link_down, Severity::warning, [](Facts& f) { (*f.host.links)[1].carrier = false; }},
    };
}

std::vector<RuleCase> network_manager_cases() {
    return {
        {Code::nm_too_old,
         Severity::warning,
         [](Facts& f) {
             f.host.network_manager = manager(wide, wide);
             f.host.network_manager->version = "1.36.0";
             f.host.endpoints->clear();
             f.routes.clear();
         }},
        {Code::nm_flags_not_live,
         Severity::warning,
         [](Facts& f) { f.host.network_manager = manager(wide, {MptcpFlag::disabled}); }},
        {Code::nm_conf_default,
         Severity::warning,
         [](Facts& f) {
             f.host.network_manager = manager({}, {});
             f.host.network_manager->default_flags = {MptcpFlag::disabled};
         }},
        {Code::nm_makes_no_endpoint,
         Severity::warning,
         [](Facts& f) {
             f.host.network_manager = manager(wide, wide);
             f.host.endpoints->clear();
             f.routes.clear();
         }},
    };
}

std::vector<RuleCase> traffic_cases() {
    const auto grown = [](const char* name) { return [name](Facts& f) { f.counters[name] = 2; }; };
    const auto nft = [](const char* rule) {
        return [rule](Facts& f) {
            f.rulesets = {{"nft", "table inet t {\n\tchain c {\n\t\t" + std::string(rule) + "\n"}};
        };
    };
    const auto iptables = [](const char* rule) {
        return [rule](Facts& f) { f.rulesets = {{"iptables", "*mangle\n" + std::string(rule) + "\n"}}; };
    };
    return {
        {Code::firewall_strips_mptcp, Severity::error, nft("reset tcp option mptcp")},
        {Code::firewall_strips_mptcp,
         Severity::error,
         iptables("-A OUTPUT -p tcp -j TCPOPTSTRIP --strip-options 5,30")},
        {Code::firewall_drops_join, Severity::error, nft("tcp option mptcp subtype 1 drop")},
        {Code::firewall_drops_join,
         Severity::error,
         iptables("-A INPUT -p tcp -m tcp --tcp-option 30 -j DROP")},
        {Code::peer_or_path_fallback, Severity::warning, grown("MPCapableFallbackSYNACK")},
        {Code::peer_or_path_fallback, Severity::warning, grown("MPCapableFallbackACK")},
        {Code::peer_or_path_fallback, Severity::warning, grown("DssFallback")},
        {Code::blackhole_active, Severity::warning, grown("Blackhole")},
        {Code::probe_failed,
         Severity::warning,
         [](Facts& f) {
             f.probe = ProbeFact{};
             f.probe->target = "server:80";
             f.probe->address = "192.0.2.9";
             f.probe->error = "cannot connect to server:80: Connection timed out";
         }},
        {Code::join_blocked, Severity::warning, grown("MPJoinSynTx")},
        {Code::join_blocked, Severity::warning, grown("MPJoinSynTxBindErr")},
        {Code::join_blocked, Severity::warning, grown("MPJoinSynTxConnectErr")},
        {Code::join_rejected, Severity::warning, grown("MPJoinRejected")},
        {Code::middlebox_rewrites, Severity::warning, grown("MPFailRx")},
        {Code::middlebox_rewrites, Severity::warning, grown("MPJoinAckHMacFailure")},
    };
}

std::vector<RuleCase> program_cases() {
    return {
        {Code::app_uses_tcp, Severity::warning, [](Facts& f) { f.programs = {asked("/usr/bin/server")}; }},
        {Code::preload_ineffective,
         Severity::warning,
         [](Facts& f) { f.programs = {asked("/usr/bin/static", Image::fixed)}; }},
        {Code::preload_ineffective,
         Severity::warning,
         [](Facts& f) { f.programs = {asked("/usr/bin/su", Image::secure)}; }},
        {Code::go_program,
         Severity::warning,
         [](Facts& f) { f.programs = {asked("/usr/bin/caddy", Image::go)}; }},
        {Code::socket_unit_tcp,
         Severity::warning,
         [](Facts& f) {
             f.socket_units = {{"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n"}};
             f.asked_unit = "a.socket";
         }},
        {Code::selinux_denial,
         Severity::warning,
         [](Facts& f) { f.selinux_denials = {"avc:  denied  { create } tclass=mptcp_socket"}; }},
        {Code::apparmor_denial,
         Severity::warning,
         [](Facts& f) { f.apparmor_log = {R"( apparmor="DENIED" profile="x" protocol=262)"}; }},
        {Code::container_namespace,
         Severity::warning,
         [](Facts& f) {
             f.programs = {asked("/usr/bin/server")};
             f.programs[0].same_network = false;
         }},
        {Code::recipe_leftover,
         Severity::warning,
         [](Facts& f) {
             static const HostMechanism units{.name = "systemd", .syntax = Syntax::unit};
             f.mechanism_files = {
                 {.file =
                      {"/etc/systemd/system/set_mptcp_limit.service",
                       "[Service]\nExecStart=/usr/sbin/ip mptcp limits set subflows 2\n"},
                  .mechanism = &units}};
             f.desired->subflows = {2, {"a.yaml", 1, 1}};
         }},
    };
}

std::vector<RuleCase> advice_cases() {
    const auto accepts = [](Facts& f) {
        f.counters = {{"MPCapableSYNRX", 2}, {"MPCapableACKRX", 2}, {"MPCapableSYNTX", 0}};
    };
    const auto connected = [](Facts& f, bool is_backup) {
        Connection connection;
        connection.remote = {address("203.0.113.80"), 80};
        for (const Endpoint& endpoint : *f.host.endpoints) {
            ConnectionSubflow subflow;
            subflow.local = {endpoint.key.address, 4000};
            subflow.remote = connection.remote;
            subflow.fully_established = true;
            subflow.backup = is_backup;
            connection.subflows.push_back(subflow);
            f.subflow_sides[{subflow.local, subflow.remote}].opened_here = true;
        }
        f.host.connections = {connection};
    };
    return {
        {Code::endpoint_useless, Severity::warning, [](Facts& f) { (*f.host.endpoints)[0].flags = {}; }},
        {Code::endpoint_wrong_role,
         Severity::warning,
         [=](Facts& f) {
             accepts(f);
             (*f.host.endpoints)[0].flags = {EndpointFlag::signal, EndpointFlag::subflow};
         }},
        {Code::initial_address_closed,
         Severity::warning,
         [=](Facts& f) {
             accepts(f);
             (*f.host.sysctls)["allow_join_initial_addr_port"] = "0";
         }},
        {Code::peer_address_closed,
         Severity::warning,
         [=](Facts& f) {
             connected(f, false);
             (*f.host.connections)[0].subflows.pop_back();
         }},
        {Code::add_addr_dropped,
         Severity::warning,
         [=](Facts& f) {
             accepts(f);
             (*f.host.links)[1] = link(3, "eth1", "2001:db8::1");
             (*f.host.endpoints)[1] = {
                 {address("2001:db8::1"), 4321}, {EndpointFlag::signal}, Ifindex{3}, EndpointId{2}};
         }},
        {Code::tunnel_as_path,
         Severity::warning,
         [](Facts& f) {
             f.link_drivers[Ifindex{3}] = {"tun", {}};
             f.programs = {program(7, 0, 1)};
             f.programs[0].name = "openvpn";
         }},
        {Code::all_subflows_backup, Severity::warning, [=](Facts& f) { connected(f, true); }},
    };
}

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

TEST(DoctorRules, SayNothingAboutAHealthyHost) {
    EXPECT_EQ(diagnose(healthy_facts()).findings, std::vector<Finding>{});
    EXPECT_TRUE(diagnose(healthy_facts()).healthy());
}

TEST(DoctorRules, SayNothingAboutWhatIsNotKnown) {
    EXPECT_TRUE(diagnose_with([](Facts& f) {
                    f = Facts{};
                    f.host.mptcp_supported = true;
                }).findings.empty());
}

TEST(DoctorRules, FindWhatIsWrongWithKernelAndLimits) {
    expect_fires(kernel_cases());
}

TEST(DoctorRules, FindWhatIsWrongWithEndpointsAndRoutes) {
    expect_fires(endpoint_cases());
    expect_fires(network_manager_cases());
}

TEST(DoctorRules, FindWhatStripsDropsAndRefuses) {
    expect_fires(traffic_cases());
}

TEST(DoctorRules, FindEndpointsThatDoNotSuitTheHost) {
    expect_fires(advice_cases());
}

TEST(DoctorRules, FindProgramsThatUseTcp) {
    expect_fires(program_cases());
}

TEST(DoctorRules, EveryCodeHasACase) {
    std::set<Code> seen;
    for (const auto& cases :
         {kernel_cases(),
          endpoint_cases(),
          network_manager_cases(),
          traffic_cases(),
          program_cases(),
          advice_cases()}) {
        for (const RuleCase& one : cases) {
            seen.insert(one.code);
        }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(Code::all_subflows_backup) + 1);
}

TEST(DoctorRules, TakeAPeerThatIsDownForNoBlackhole) {
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

TEST(DoctorRules, ProposeOneLimitForOneHost) {
    const Diagnosis diagnosis = diagnose_with([](Facts& f) {
        f.host.limits = Limits{0, 4};
        f.counters["MPJoinRejected"] = 3;
    });
    EXPECT_EQ(find(diagnosis, Code::subflow_limit_too_low)->fix, "limits: {subflows: 4}");
    EXPECT_EQ(find(diagnosis, Code::join_rejected)->fix, "limits: {subflows: 4}");
}

TEST(DoctorRules, LeaveAnnouncedAddressesBehindNatAlone) {
    const Diagnosis diagnosis = diagnose_with(
        [](Facts& f) { f.host.endpoints->push_back(endpoint("203.0.113.9", 0, {EndpointFlag::signal}, 3)); });
    EXPECT_EQ(find(diagnosis, Code::endpoint_address_missing)->severity, Severity::info);
    EXPECT_TRUE(diagnosis.healthy());
}

} // namespace
} // namespace keeper
