// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/doctor_fixture.hpp"

/// At least one case for each finding.
namespace keeper::doctor_test {

/// A change to the healthy host that leads to a finding with this code and severity.
struct RuleCase {
    FindingCode code;
    Severity severity;
    std::function<void(Facts&)> change;
};

inline NetworkManagerState manager_with_profile(MptcpFlags stored, MptcpFlags live) {
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

inline const MptcpFlags wide_flags{MptcpFlag::subflow, MptcpFlag::also_without_default_route};

inline std::vector<RuleCase> kernel_cases() {
    return {
        {FindingCode::kernel_no_mptcp, Severity::error, [](Facts& f) { f.host.mptcp_supported = false; }},
        {FindingCode::mptcp_disabled, Severity::error, [](Facts& f) { (*f.host.sysctls)["enabled"] = "0"; }},
        {FindingCode::wrong_sysctl_name,
         Severity::warning,
         [](Facts& f) {
             f.sysctl_files = {{"/etc/sysctl.d/90-mptcp.conf", "net.mptcp.mptcp_debug=1\n"}};
         }},
        {FindingCode::sysctl_overridden,
         Severity::warning,
         [](Facts& f) {
             f.sysctl_files = {{"/etc/sysctl.d/90-mptcp.conf", "net.mptcp.enabled=0\n"}};
             f.desired->sysctls["enabled"] = {"1", {"/etc/mptcp-keeper/config.yaml", 2, 1}};
         }},
        {FindingCode::disable_breaks_programs,
         Severity::warning,
         [](Facts& f) {
             f.desired->sysctls["enabled"] = {"0", {"/etc/mptcp-keeper/config.yaml", 2, 1}};
             f.programs = {program(7, 0, 1)};
         }},
        {FindingCode::subflow_limit_too_low, Severity::error, [](Facts& f) { f.host.limits->subflows = 0; }},
        {FindingCode::add_addr_not_accepted,
         Severity::warning,
         [](Facts& f) {
             f.host.limits->add_addr_accepted = 0;
             f.counters["AddAddr"] = 1;
         }},
        {FindingCode::userspace_path_manager,
         Severity::error,
         [](Facts& f) { (*f.host.sysctls)["path_manager"] = "userspace"; }},
        {FindingCode::mptcpd_conflict,
         Severity::warning,
         [](Facts& f) {
             f.mptcpd = Mptcpd{};
             f.mptcpd->pid = 7;
         }},
        {FindingCode::mptcpd_config,
         Severity::warning,
         [](Facts& f) {
             f.mptcpd = Mptcpd{};
             f.mptcpd->pid = 7;
             f.mptcpd->config = HostFile{"/etc/mptcpd/mptcpd.conf", "plugin-dir=/nowhere\n"};
             f.mptcpd->plugin_folder = "/nowhere";
         }},
    };
}

inline std::vector<RuleCase> endpoint_cases() {
    return {
        {FindingCode::no_endpoint,
         Severity::warning,
         [](Facts& f) {
             f.host.endpoints->clear();
             f.routes.clear();
         }},
        {FindingCode::endpoint_address_missing,
         Severity::error,
         [](Facts& f) { (*f.host.links)[1].addresses.clear(); }},
        {FindingCode::endpoint_address_tentative,
         Severity::warning,
         [](Facts& f) { (*f.host.links)[1].addresses[0].tentative = true; }},
        {FindingCode::endpoint_no_device,
         Severity::error,
         [](Facts& f) { (*f.host.endpoints)[1].ifindex = Ifindex{9}; }},
        {FindingCode::endpoint_no_route,
         Severity::warning,
         [](Facts& f) {
             f.routes[1] = {(*f.host.endpoints)[1].key, false, {}, "Network is unreachable"};
         }},
        {FindingCode::endpoint_table_full,
         Severity::warning,
         [](Facts& f) {
             f.host.endpoints->resize(8, (*f.host.endpoints)[1]);
             f.host.limits->subflows = 8;
         }},
        {FindingCode::no_default_route,
         Severity::warning,
         [](Facts& f) {
             (*f.host.links)[0].default_route_v4 = false;
             f.host.network_manager = manager_with_profile({MptcpFlag::subflow}, {MptcpFlag::subflow});
         }},
        {FindingCode::same_subnet,
         Severity::warning,
         [](Facts& f) { f.subnets[address("198.51.100.1")] = "192.0.2.0/24"; }},
        {FindingCode::family_mismatch,
         Severity::warning,
         [](Facts& f) {
             (*f.host.links)[1] = link(3, "eth1", "2001:db8::1");
             (*f.host.endpoints)[1] = endpoint("2001:db8::1", 3, {EndpointFlag::subflow}, 2);
         }},
        {FindingCode::rp_filter_strict, Severity::warning, [](Facts& f) { f.rp_filter["all"] = 1; }},
        {FindingCode::link_down, Severity::warning, [](Facts& f) { (*f.host.links)[1].carrier = false; }},
    };
}

inline std::vector<RuleCase> network_manager_cases() {
    return {
        {FindingCode::nm_too_old,
         Severity::warning,
         [](Facts& f) {
             f.host.network_manager = manager_with_profile(wide_flags, wide_flags);
             f.host.network_manager->version = "1.36.0";
             f.host.endpoints->clear();
             f.routes.clear();
         }},
        {FindingCode::nm_flags_not_live,
         Severity::warning,
         [](Facts& f) { f.host.network_manager = manager_with_profile(wide_flags, {MptcpFlag::disabled}); }},
        {FindingCode::nm_conf_default,
         Severity::warning,
         [](Facts& f) {
             f.host.network_manager = manager_with_profile({}, {});
             f.host.network_manager->default_flags = {MptcpFlag::disabled};
         }},
        {FindingCode::nm_makes_no_endpoint,
         Severity::warning,
         [](Facts& f) {
             f.host.network_manager = manager_with_profile(wide_flags, wide_flags);
             f.host.endpoints->clear();
             f.routes.clear();
         }},
    };
}

inline std::vector<RuleCase> traffic_cases() {
    const auto grown = [](const char* name) { return [name](Facts& f) { f.counters[name] = 2; }; };
    const auto nft = [](const char* rule) {
        return [rule](Facts& f) {
            f.rulesets = {{"nft", "table inet filter {\n\tchain output {\n\t\t" + std::string(rule) + "\n"}};
        };
    };
    const auto iptables = [](const char* rule) {
        return [rule](Facts& f) { f.rulesets = {{"iptables", "*mangle\n" + std::string(rule) + "\n"}}; };
    };
    return {
        {FindingCode::firewall_strips_mptcp, Severity::error, nft("reset tcp option mptcp # handle 7")},
        {FindingCode::firewall_strips_mptcp,
         Severity::error,
         iptables("-A OUTPUT -p tcp -j TCPOPTSTRIP --strip-options 5,30")},
        {FindingCode::firewall_drops_join,
         Severity::error,
         nft("tcp option mptcp subtype 1 drop # handle 7")},
        {FindingCode::firewall_drops_join,
         Severity::error,
         iptables("-A INPUT -p tcp -m tcp --tcp-option 30 -j DROP")},
        {FindingCode::peer_or_path_fallback,
         Severity::warning,
         [](Facts& f) {
             f.counters = {{"MPCapableSYNTX", 3}, {"MPCapableSYNACKRX", 1}, {"MPCapableFallbackSYNACK", 2}};
         }},
        {FindingCode::peer_or_path_fallback, Severity::warning, grown("MPCapableFallbackACK")},
        {FindingCode::peer_or_path_fallback, Severity::warning, grown("DssFallback")},
        {FindingCode::blackhole_active, Severity::warning, grown("Blackhole")},
        {FindingCode::probe_failed,
         Severity::warning,
         [](Facts& f) {
             f.probe = ProbeFact{};
             f.probe->target = "server.example:80";
             f.probe->address = "192.0.2.9";
             f.probe->error = "cannot connect to server.example:80: Connection timed out";
         }},
        {FindingCode::join_blocked, Severity::warning, grown("MPJoinSynTx")},
        {FindingCode::join_blocked, Severity::warning, grown("MPJoinSynTxBindErr")},
        {FindingCode::join_blocked, Severity::warning, grown("MPJoinSynTxConnectErr")},
        {FindingCode::join_rejected, Severity::warning, grown("MPJoinRejected")},
        {FindingCode::middlebox_rewrites, Severity::warning, grown("MPFailRx")},
        {FindingCode::middlebox_rewrites, Severity::warning, grown("MPJoinAckHMacFailure")},
    };
}

inline std::vector<RuleCase> program_cases() {
    return {
        {FindingCode::app_uses_tcp,
         Severity::warning,
         [](Facts& f) { f.programs = {requested("/usr/bin/server")}; }},
        {FindingCode::preload_ineffective,
         Severity::warning,
         [](Facts& f) { f.programs = {requested("/usr/bin/static", Image::fixed)}; }},
        {FindingCode::preload_ineffective,
         Severity::warning,
         [](Facts& f) { f.programs = {requested("/usr/bin/su", Image::secure)}; }},
        {FindingCode::go_program,
         Severity::warning,
         [](Facts& f) { f.programs = {requested("/usr/bin/caddy", Image::go)}; }},
        {FindingCode::socket_unit_tcp,
         Severity::warning,
         [](Facts& f) {
             f.socket_units = {{"/etc/systemd/system/web.socket", "[Socket]\nListenStream=80\n"}};
             f.requested_unit = "web.socket";
         }},
        {FindingCode::selinux_denial,
         Severity::warning,
         [](Facts& f) {
             f.selinux_denials = {
                 "type=AVC msg=audit(1700000000.123:45): avc:  denied  { execute } for  pid=812 "
                 "comm=\"nginx\" name=\"libmptcpwrap.so.0.0.1\" scontext=system_u:system_r:httpd_t:s0 "
                 "tcontext=system_u:object_r:lib_t:s0 tclass=file permissive=0"};
         }},
        {FindingCode::apparmor_denial,
         Severity::warning,
         [](Facts& f) {
             f.apparmor_log = {
                 R"(audit: type=1400 audit(1700000000.123:45): apparmor="DENIED" operation="create" )"
                 R"(profile="named" pid=812 comm="named" family="inet" sock_type="stream" protocol=262)"};
             f.apparmor_profiles = {
                 {"/etc/apparmor.d/usr.sbin.named",
                  "profile named /usr/sbin/named {\n  include <local/usr.sbin.named>\n}\n"}};
         }},
        {FindingCode::container_namespace,
         Severity::warning,
         [](Facts& f) {
             f.programs = {requested("/usr/bin/server")};
             f.programs[0].same_network = false;
         }},
        {FindingCode::recipe_leftover,
         Severity::warning,
         [](Facts& f) {
             static const HostMechanism units{.name = "systemd", .syntax = Syntax::unit};
             f.mechanism_files = {
                 {.file =
                      {"/etc/systemd/system/set_mptcp_limit.service",
                       "[Service]\nExecStart=/usr/sbin/ip mptcp limits set subflows 2\n"},
                  .mechanism = &units}};
             f.desired->subflows = {2, {"/etc/mptcp-keeper/config.yaml", 1, 1}};
         }},
    };
}

inline std::vector<RuleCase> advice_cases() {
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
            f.subflow_sides[{subflow.local, subflow.remote}] = {
                .opened_here = true, .backup_here = is_backup};
        }
        f.host.connections = {connection};
    };
    return {
        {FindingCode::endpoint_useless,
         Severity::warning,
         [](Facts& f) { (*f.host.endpoints)[0].flags = {}; }},
        {FindingCode::endpoint_wrong_role,
         Severity::warning,
         [=](Facts& f) {
             accepts(f);
             (*f.host.endpoints)[0].flags = {EndpointFlag::signal, EndpointFlag::subflow};
         }},
        {FindingCode::initial_address_closed,
         Severity::warning,
         [=](Facts& f) {
             accepts(f);
             (*f.host.sysctls)["allow_join_initial_addr_port"] = "0";
         }},
        {FindingCode::peer_address_closed,
         Severity::warning,
         [=](Facts& f) {
             connected(f, false);
             (*f.host.connections)[0].subflows.pop_back();
         }},
        {FindingCode::add_addr_dropped,
         Severity::warning,
         [=](Facts& f) {
             accepts(f);
             (*f.host.links)[1] = link(3, "eth1", "2001:db8::1");
             (*f.host.endpoints)[1] = {
                 {address("2001:db8::1"), 4321}, {EndpointFlag::signal}, Ifindex{3}, EndpointId{2}};
         }},
        {FindingCode::tunnel_as_path,
         Severity::warning,
         [](Facts& f) {
             (*f.host.links)[1].name = "tun0";
             f.link_drivers[Ifindex{3}] = {"tun", {}};
             f.programs = {program(7, 0, 1)};
             f.programs[0].name = "openvpn";
         }},
        {FindingCode::all_subflows_backup,
         Severity::warning,
         [=](Facts& f) {
             for (Endpoint& endpoint : *f.host.endpoints) {
                 endpoint.flags = {EndpointFlag::subflow, EndpointFlag::backup};
             }
             connected(f, true);
         }},
    };
}

inline std::vector<RuleCase> all_cases() {
    std::vector<RuleCase> all;
    for (const auto& cases :
         {kernel_cases(),
          endpoint_cases(),
          network_manager_cases(),
          traffic_cases(),
          program_cases(),
          advice_cases()}) {
        all.insert(all.end(), cases.begin(), cases.end());
    }
    return all;
}

} // namespace keeper::doctor_test
