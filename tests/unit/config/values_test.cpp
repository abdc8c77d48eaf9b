// SPDX-License-Identifier: LGPL-2.1-or-later
#include <map>

#include "support/config_support.hpp"
#include "support/values.hpp"

namespace keeper {
namespace {

using namespace std::chrono_literals;
using test::address;

std::map<std::string, std::string> values(const DesiredState& desired) {
    std::map<std::string, std::string> result;
    for (const auto& [name, value] : desired.sysctls) {
        result[name] = value.value;
    }
    return result;
}

TEST(ConfigSysctl, KeepsValuesAsTheKernelShowsThem) {
    const DesiredState desired = declared(R"(
sysctl:
  enabled: true
  checksum_enabled: false
  allow_join_initial_addr_port: 1
  add_addr_v6_port_drop_ts: "0"
  net.mptcp.add_addr_timeout: 120
  stale_loss_cnt: "4294967295"
  scheduler: default
  path_manager: "kernel"
)");
    EXPECT_EQ(
        values(desired),
        (std::map<std::string, std::string>{
            {"enabled", "1"},
            {"checksum_enabled", "0"},
            {"allow_join_initial_addr_port", "1"},
            {"add_addr_v6_port_drop_ts", "0"},
            {"add_addr_timeout", "120"},
            {"stale_loss_cnt", "4294967295"},
            {"scheduler", "default"},
            {"path_manager", "kernel"}}));
    EXPECT_EQ(desired.sysctls.at("add_addr_timeout").source, (Source{"f", 7, 3}));
}

TEST(ConfigSysctl, AcceptsAnUnknownNameWithAWarning) {
    const std::string text = "sysctl: {shiny_thing: 3, other_thing: on-demand}\n";
    EXPECT_EQ(
        values(declared(text)),
        (std::map<std::string, std::string>{{"shiny_thing", "3"}, {"other_thing", "on-demand"}}));
    EXPECT_EQ(
        warnings(text),
        "f:1:10: unknown sysctl net.mptcp.shiny_thing; it will be set if the kernel has it\n"
        "f:1:26: unknown sysctl net.mptcp.other_thing; it will be set if the kernel has it");
}

TEST(ConfigLimits, RemarkOnWhatOldKernelsRefuse) {
    EXPECT_EQ(printed(parse("limits: {subflows: 8}\n").remarks), std::vector<std::string>{});
    const LoadedConfig config = parse("limits: {subflows: 9}\n");
    EXPECT_EQ(config.warnings, std::vector<Diagnostic>{});
    EXPECT_EQ(
        printed(config.remarks),
        std::vector<std::string>{"f:1:20: kernels before 7.2 accept at most 8 for subflows"});
    EXPECT_EQ(declared("limits: {subflows: 64}\n").subflows->value, 64U);
}

TEST(ConfigProfiles, ReadEverySpelling) {
    const DesiredState desired = declared(R"(
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
  - match:
      type: [wifi, ethernet, bond]
      uuid: 6F2AD1A6-8D0B-4E9C-9D0A-0B8D3F6A2C11
    except: {name: ["guest*", "vpn*", 10]}
    mptcp-flags: subflow, backup
    activation: defer
  - match: {interface: [eth0, wlp*]}
    mptcp-flags:
    activation: reapply
)");
    ASSERT_EQ(desired.profiles.size(), 3U);
    ProfileRule first;
    first.match.names = {"wan*"};
    first.flags = MptcpFlags{MptcpFlag::signal, MptcpFlag::subflow, MptcpFlag::also_without_default_route};
    first.source = {"f", 3, 5};
    EXPECT_EQ(desired.profiles[0], first);
    ProfileRule second;
    second.match.types = {"802-11-wireless", "802-3-ethernet", "bond"};
    second.match.uuids = {"6f2ad1a6-8d0b-4e9c-9d0a-0b8d3f6a2c11"};
    second.except = ProfileMatch{{"guest*", "vpn*", "10"}, {}, {}, {}};
    second.flags = MptcpFlags{MptcpFlag::subflow, MptcpFlag::backup};
    second.activation = Activation::defer;
    second.source = {"f", 5, 5};
    EXPECT_EQ(desired.profiles[1], second);
    EXPECT_EQ(desired.profiles[2].flags, std::nullopt);
    EXPECT_EQ(desired.profiles[2].activation, Activation::reapply);
}

TEST(ConfigProfiles, AcceptEveryFlagThatNetworkManagerAcceptsAlone) {
    for (const std::string& name : mptcp_flag_names()) {
        const DesiredState desired =
            declared("profiles:\n  - {match: {name: a}, mptcp-flags: " + name + "}\n");
        ASSERT_EQ(desired.profiles.size(), 1U);
        EXPECT_EQ(to_string(desired.profiles[0].flags.value()), name);
    }
}

TEST(ConfigProfiles, WarnOfAnUnknownType) {
    EXPECT_EQ(
        warnings("profiles:\n  - {match: {type: wify}, mptcp-flags: signal}\n"),
        "f:2:20: unknown connection type \"wify\"; did you mean wifi?");
}

TEST(ConfigEndpoints, ReadEveryKey) {
    const DesiredState desired = declared(R"(
endpoints:
  - address: 198.51.100.1
    interface: enp1s0
    flags: [signal]
    port: 4000
    id: 5
  - {address: 192.0.2.9, state: absent}
  - {address: 2001:db8::1, flags: "subflow, fullmesh"}
  - {address: "fe80::1", interface: eth0, flags: [laminar]}
)");
    DesiredEndpoint first;
    first.interface = "enp1s0";
    first.flags = EndpointFlags{EndpointFlag::signal};
    first.id = EndpointId{5};
    first.source = {"f", 3, 5};
    DesiredEndpoint absent;
    absent.absent = true;
    absent.source = {"f", 8, 5};
    DesiredEndpoint mesh;
    mesh.flags = EndpointFlags{EndpointFlag::subflow, EndpointFlag::fullmesh};
    mesh.source = {"f", 9, 5};
    DesiredEndpoint local;
    local.interface = "eth0";
    local.flags = EndpointFlags{EndpointFlag::laminar};
    local.source = {"f", 10, 5};
    EXPECT_EQ(
        desired.endpoints,
        (std::map<SocketAddress, DesiredEndpoint>{
            {{address("198.51.100.1"), 4000}, first},
            {{address("192.0.2.9"), 0}, absent},
            {{address("2001:db8::1"), 0}, mesh},
            {{address("fe80::1"), 0}, local}}));
}

TEST(ConfigEndpoints, AnAddressMayBeDeclaredWithAndWithoutAPort) {
    const DesiredState desired = declared(
        "endpoints:\n  - {address: 192.0.2.1, flags: [subflow]}\n  - {address: 192.0.2.1, port: 80, flags: "
        "[signal]}\n");
    EXPECT_EQ(desired.endpoints.size(), 2U);
}

TEST(ConfigEndpoints, AnAbsentOneWithAPortNeedsNoFlags) {
    const DesiredState desired = declared("endpoints:\n  - {address: 192.0.2.1, port: 80, state: absent}\n");
    EXPECT_TRUE(desired.endpoints.at({address("192.0.2.1"), 80}).absent);
}

TEST(ConfigEndpoints, WarnOfLoopback) {
    EXPECT_EQ(
        warnings("endpoints:\n  - {address: 127.0.0.2, flags: [subflow]}\n"),
        "f:2:15: a loopback address cannot reach other hosts");
}

TEST(ConfigEndpoints, AcceptFullmeshAloneWithAWarning) {
    for (const char* flags : {"[fullmesh]", "[fullmesh, backup]"}) {
        const std::string text = std::string("endpoints:\n  - {address: 192.0.2.1, flags: ") + flags + "}\n";
        EXPECT_TRUE(declared(text).endpoints.begin()->second.flags.has(EndpointFlag::fullmesh));
        EXPECT_TRUE(warnings(text).starts_with("f:2:33: fullmesh without subflow: the endpoint is only used "
                                               "for addresses announced by the peer"))
            << warnings(text);
    }
    EXPECT_EQ(warnings("endpoints:\n  - {address: 192.0.2.1, flags: [subflow, fullmesh]}\n"), "");
}

TEST(ConfigEndpoints, WarnOfAnIpv6AddressWithAPort) {
    const std::string entry = "endpoints: [{address: 2001:db8::1, port: 4000, flags: [signal]}]\n";
    EXPECT_TRUE(warnings(entry).starts_with(
        "f:1:13: [2001:db8::1]:4000 is not announced to peers while TCP timestamps are enabled, unless"))
        << warnings(entry);
    EXPECT_NE(
        warnings(entry + "sysctl: {add_addr_v6_port_drop_ts: false}\n").find("drop_ts is disabled"),
        std::string::npos);
    EXPECT_EQ(warnings(entry + "sysctl: {add_addr_v6_port_drop_ts: true}\n"), "");
    EXPECT_EQ(warnings("endpoints: [{address: 2001:db8::1, flags: [signal]}]\n"), "");
    EXPECT_EQ(warnings("endpoints: [{address: 2001:db8::1, port: 4000, state: absent}]\n"), "");
}

TEST(ConfigConflicts, WarnIfPeersMayJoinNoAddress) {
    const std::string closed = "sysctl: {allow_join_initial_addr_port: false}\n";
    EXPECT_TRUE(warnings(closed).starts_with(
        "f:1:10: connections accepted by this host get no second path: peers must not join the address that "
        "they connected to, and no endpoint or profile has"))
        << warnings(closed);
    EXPECT_NE(warnings(closed + "endpoints: [{address: 192.0.2.1, flags: [subflow]}]\n"), "");
    EXPECT_EQ(warnings(closed + "endpoints: [{address: 192.0.2.1, port: 4000, flags: [signal]}]\n"), "");
    EXPECT_EQ(warnings(closed + "profiles: [{match: {name: a}, mptcp-flags: [signal]}]\n"), "");
    EXPECT_EQ(warnings("sysctl: {allow_join_initial_addr_port: true}\n"), "");
}

TEST(ConfigApplications, AcceptOneUnitOrSeveral) {
    EXPECT_EQ(
        declared("applications: {units: iperf3.service}\n").units,
        (std::map<std::string, Source>{{"iperf3.service", {"f", 1, 23}}}));
    EXPECT_EQ(
        declared("applications: {units: [\"web@*.service\", sshd.socket]}\n").units,
        (std::map<std::string, Source>{{"web@*.service", {"f", 1, 24}}, {"sshd.socket", {"f", 1, 41}}}));
}

TEST(ConfigApplications, AllFalseDeclaresNothing) {
    for (const char* text : {"applications: {all: false}\n", "applications: {all: null}\n"}) {
        EXPECT_FALSE(declares_anything(declared(text))) << text;
    }
}

TEST(ConfigApplications, HaveProgramsForAllAndForSlicesAndExceptions) {
    const DesiredState desired = declared(
        "sysctl: {enabled: true}\napplications:\n  all: true\n  slices: [user.slice, web-front.slice]\n"
        "  never: \"bird*.service\"\n");
    EXPECT_EQ(desired.all_programs, (Declared<bool>{true, {"f", 3, 3}}));
    EXPECT_EQ(
        desired.slices,
        (std::map<std::string, Source>{{"user.slice", {"f", 4, 12}}, {"web-front.slice", {"f", 4, 24}}}));
    EXPECT_EQ(desired.never, (std::map<std::string, Source>{{"bird*.service", {"f", 5, 10}}}));
    EXPECT_TRUE(declares_program_hook(desired));
}

TEST(ConfigApplications, NeverAloneIsADeclaration) {
    EXPECT_TRUE(declares_anything(declared("applications: {never: sshd.service}\n")));
    EXPECT_FALSE(declares_program_hook(declared("applications: {never: sshd.service}\n")));
}

TEST(ConfigReconcile, HasDefaults) {
    const Reconcile reconcile = declared("limits: {subflows: 1}\n").reconcile;
    EXPECT_EQ(reconcile.mode.value, ReconcileMode::enforce);
    EXPECT_EQ(reconcile.interval.value, 1s);
}

TEST(ConfigReconcile, ReadsModeAndInterval) {
    const Reconcile reconcile = declared("reconcile: {mode: manual, interval: 1.5s}\n").reconcile;
    EXPECT_EQ(reconcile.mode, (Declared<ReconcileMode>{ReconcileMode::manual, {"f", 1, 13}}));
    EXPECT_EQ(reconcile.interval.value, 1500ms);
}

TEST(ConfigDocument, AcceptsCommonYamlVariants) {
    for (const std::string text :
         {"\xef\xbb\xbfversion: 1\nlimits: {subflows: 1}\n",
          "version: 1\r\nlimits:\r\n  subflows: 1\r\n",
          "%YAML 1.2\n---\nlimits: {subflows: 1}\n...\n",
          "{\"limits\": {\"subflows\": 1}}"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(declared(text).subflows->value, 1U);
        EXPECT_EQ(warnings(text), "");
    }
}

TEST(ConfigDocument, WarnsIfNothingIsDeclared) {
    const std::string nothing = "f:1:1: the configuration declares nothing; nothing will be done";
    for (const std::string text :
         {"", "# only a comment\n", "{}", "version: 1\n", "sysctl:\n", "reconcile: {mode: report}\n"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(errors(text), "");
        EXPECT_EQ(warnings(text), nothing);
    }
    EXPECT_EQ(
        warnings(std::vector<std::string>{}),
        "/etc/mptcp-keeper/config.yaml:1:1: no configuration file found; nothing will be done");
    EXPECT_EQ(warnings(std::vector<std::string>{"", "limits: {subflows: 1}\n"}), "");
}

} // namespace
} // namespace keeper
