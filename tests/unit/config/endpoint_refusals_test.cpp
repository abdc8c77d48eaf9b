// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/config_refusals.hpp"

namespace keeper {
namespace {

class ConfigEndpointRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigEndpointRefusals, ReportThePositionAndTheRemedy) {
    EXPECT_EQ(errors(GetParam().text), GetParam().errors);
}

const Refusal endpoints[]{
    {"AddressMissing", "endpoints:\n  - flags: [signal]\n", "f:2:5: address is missing"},
    {"FlagsMissing",
     "endpoints:\n  - address: 192.0.2.1\n",
     "f:2:5: flags is missing; add how the endpoint is used, such as [signal] or [subflow]"},
    {"FlagsEmpty",
     "endpoints:\n  - {address: 192.0.2.1, flags: []}\n",
     "f:2:33: flags must be a list of flags, or flags separated by commas, not a list; name at least one"},
    {"HostName",
     "endpoints:\n  - {address: example.org, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"example.org\"; use a numeric address such "
     "as 192.0.2.1 or 2001:db8::1"},
    {"PrefixLength",
     "endpoints:\n  - {address: 192.0.2.1/24, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"192.0.2.1/24\"; remove the prefix length: "
     "192.0.2.1"},
    {"PortInAddress",
     "endpoints:\n  - {address: \"[2001:db8::1]:80\", flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"[2001:db8::1]:80\"; use address "
     "2001:db8::1 and put 80 in `port`"},
    {"Zone",
     "endpoints:\n  - {address: fe80::1%eth0, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"fe80::1%eth0\"; use fe80::1 and name the "
     "interface in `interface`"},
    {"Unspecified",
     "endpoints:\n  - {address: 0.0.0.0, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"0.0.0.0\"; the unspecified address does "
     "not belong to an interface; use an address of the host"},
    {"UnspecifiedV6",
     "endpoints:\n  - {address: \"::\", flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"::\"; the unspecified address does not "
     "belong to an interface; use an address of the host"},
    {"Multicast",
     "endpoints:\n  - {address: ff02::1, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"ff02::1\"; a multicast address cannot be "
     "used for a connection; use a unicast address"},
    {"Broadcast",
     "endpoints:\n  - {address: 255.255.255.255, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"255.255.255.255\"; the broadcast address "
     "cannot be used for a connection; use a unicast address"},
    {"V4Mapped",
     "endpoints:\n  - {address: \"::ffff:192.0.2.1\", flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"::ffff:192.0.2.1\"; an IPv4-mapped IPv6 "
     "address never matches; use 192.0.2.1"},
    {"LinkLocalWithoutInterface",
     "endpoints:\n  - {address: fe80::1, flags: [signal]}\n  - {address: 169.254.1.1, flags: [signal]}\n",
     "f:2:15: a link-local address requires `interface`\n"
     "f:3:15: a link-local address requires `interface`"},
    {"BackupAlone",
     "endpoints:\n  - {address: 192.0.2.1, flags: backup}\n",
     "f:2:33: backup alone has no effect; add subflow or signal"},
    {"SignalWithFullmesh",
     "endpoints:\n  - {address: 192.0.2.1, flags: \"signal,subflow,fullmesh\"}\n",
     "f:2:33: signal cannot be combined with fullmesh; remove one of them"},
    {"PortWithoutSignal",
     "endpoints:\n  - {address: 192.0.2.1, flags: [laminar], port: 80}\n",
     "f:2:50: port requires the flag signal"},
    {"PortWithSubflow",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal, subflow], port: 80}\n",
     "f:2:58: port cannot be combined with the flag subflow; remove one of them"},
    {"PortZero",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal], port: 0}\n",
     "f:2:49: port must be a whole number from 1 to 65535, not \"0\""},
    {"PortTooLarge",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal], port: 65536}\n",
     "f:2:49: port must be a whole number from 1 to 65535, not \"65536\""},
    {"IdZero",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal], id: 0}\n",
     "f:2:47: id must be a whole number from 1 to 255, not \"0\""},
    {"IdTooLarge",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal], id: 256}\n",
     "f:2:47: id must be a whole number from 1 to 255, not \"256\""},
    {"IdTwice",
     "endpoints:\n  - {address: 192.0.2.2, flags: [signal], id: 7}\n  - {address: 192.0.2.1, flags: "
     "[signal], "
     "id: 7}\n",
     "f:3:5: id 7 is already pinned in f:2; choose another id"},
    {"ImplicitFlag",
     "endpoints:\n  - {address: 192.0.2.1, flags: [implicit]}\n",
     "f:2:34: unknown flag \"implicit\"; only the kernel creates implicit endpoints"},
    {"FlagOfProfiles",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal, also-without-default-route]}\n",
     "f:2:42: unknown flag \"also-without-default-route\"; it is a flag for a profile's mptcp-flags"},
    {"UnknownState",
     "endpoints:\n  - {address: 192.0.2.1, state: gone}\n",
     "f:2:33: state must be absent, not \"gone\""},
    {"SameAddressTwice",
     "endpoints:\n  - {address: 2001:db8::1, flags: [signal]}\n  - {address: 2001:db8:0::1, state: absent}\n",
     "f:3:5: endpoint 2001:db8::1 is already on line 2; keep one of them"},
    {"SameAddressAndPortTwice",
     "endpoints:\n  - {address: 192.0.2.1, port: 80, flags: [signal]}\n  - {address: 192.0.2.1, port: 80, "
     "flags: [signal]}\n",
     "f:3:5: endpoint 192.0.2.1:80 is already on line 2; keep one of them"},
    {"NullPort",
     "endpoints:\n  - {address: 192.0.2.1, port: null, flags: [signal]}\n",
     "f:2:32: port must be a whole number from 1 to 65535, not null"},
};
INSTANTIATE_TEST_SUITE_P(Endpoints, ConfigEndpointRefusals, testing::ValuesIn(endpoints), test_name);

const Refusal others[]{
    {"AllApplicationsWithoutMptcp",
     "applications: {all: true}\n",
     "f:1:16: applications.all requires sysctl.enabled to be true; declare `sysctl: {enabled: true}`"},
    {"SlicesWithoutMptcp",
     "applications: {slices: user.slice}\n",
     "f:1:24: applications.slices requires sysctl.enabled to be true; declare `sysctl: {enabled: true}`"},
    {"AllApplicationsWithMptcpDisabled",
     "sysctl: {enabled: false}\napplications: {all: true}\n",
     "f:2:16: applications.all and applications.slices require sysctl.enabled to be true (conflicts with "
     "f:1); remove one of them"},
    {"SameUnitInUnitsAndNever",
     "applications:\n  units: [a.service]\n  never: [b.service, a.service]\n",
     "f:3:22: the unit is in applications.units and in applications.never (also in f:2); remove one of them"},
    {"RootSlice",
     "sysctl: {enabled: 1}\napplications: {slices: -.slice}\n",
     "f:2:24: slices must be a systemd slice such as user.slice, not \"-.slice\"; it contains "
     "every program of the host; use all: true"},
    {"GlobOfSlices",
     "sysctl: {enabled: 1}\napplications: {slices: [\"user*.slice\"]}\n",
     "f:2:25: an item of slices must be a systemd slice such as user.slice, not \"user*.slice\"; globs are "
     "not possible here; a slice includes the slices below it"},
    {"ServiceAmongSlices",
     "sysctl: {enabled: 1}\napplications: {slices: [a.service]}\n",
     "f:2:25: an item of slices must be a systemd slice such as user.slice, not \"a.service\"; declare units "
     "under applications.units"},
    {"TimerInNever",
     "applications: {never: backup.timer}\n",
     "f:1:23: never must be a systemd unit such as iperf3.service, not \"backup.timer\"; only "
     ".service and .socket units have sockets"},
    {"AllApplicationsByAWord",
     "applications: {all: yes}\n",
     "f:1:21: all must be true or false, not \"yes\"; write true"},
    {"AllApplicationsByAList",
     "applications: {all: [a.service]}\n",
     "f:1:21: all must be true or false, not a list"},
    {"UnitWithoutSuffix",
     "applications: {units: [iperf3]}\n",
     "f:1:24: an item of units must be a systemd unit such as iperf3.service, not \"iperf3\"; use "
     "\"iperf3.service\""},
    {"UnitWithoutSockets",
     "applications: {units: backup.timer}\n",
     "f:1:23: units must be a systemd unit such as iperf3.service, not \"backup.timer\"; only .service and "
     ".socket units have sockets"},
    {"UnitAsPath",
     "applications: {units: /etc/systemd/system/a.service}\n",
     "f:1:23: units must be a systemd unit such as iperf3.service, not \"/etc/systemd/system/a.service\"; "
     "use the unit's name without a path"},
    {"UnitsWhileDisabled",
     "sysctl: {enabled: false}\napplications: {units: a.service}\n",
     "f:2:23: applications.units requires sysctl.enabled to be true (conflicts with f:1); remove one of "
     "them"},
    {"UnknownMode",
     "reconcile: {mode: reprot}\n",
     "f:1:19: mode must be enforce, report or manual, not \"reprot\"; did you mean report?"},
    {"IntervalWithoutUnit",
     "reconcile: {interval: 5}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"5\"; add a unit: 5s or 5ms"},
    {"IntervalTooShort",
     "reconcile: {interval: 99ms}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"99ms\"; the allowed range is 100ms "
     "to 1h"},
    {"IntervalTooLong",
     "reconcile: {interval: 61m}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"61m\"; the allowed range is 100ms "
     "to 1h"},
    {"IntervalWithBlank",
     "reconcile: {interval: 1 s}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"1 s\"; use a number directly "
     "followed by ms, s, m or h"},
};
INSTANTIATE_TEST_SUITE_P(Others, ConfigEndpointRefusals, testing::ValuesIn(others), test_name);

TEST(ConfigRefusalsOfInterfaces, CoverEveryNameThatTheKernelRefuses) {
    const std::vector<std::string> names{
        "sixteen-letters-", "a/b", "a b", "a:b", "\"\"", "\".\"", "\"..\"", "\"a\\tb\"", "yes"};
    for (const std::string& name : names) {
        SCOPED_TRACE(name);
        const std::string refused =
            errors("endpoints:\n  - address: 192.0.2.1\n    flags: [signal]\n    interface: " + name + "\n");
        EXPECT_TRUE(refused.starts_with("f:4:16: interface must be an interface name of 1 to 15 characters"))
            << refused;
    }
}

TEST(ConfigRefusalsAllInOneRun, ReportEveryErrorOfEveryFile) {
    const std::string refused = errors(std::vector<std::string>{
        "sysctl: {enabled: yes}\nlimits: {subflows: 99}\n",
        "limits: [\n",
        "endpoints:\n  - {address: 0.0.0.0, flags: [backup], port: 0}\n"});
    EXPECT_EQ(
        refused,
        "f:1:19: enabled must be true, false, 0 or 1, not \"yes\"; write true\n"
        "f:2:20: subflows must be a whole number from 0 to 64, not \"99\"\n"
        "g:1:9: not valid YAML: end of sequence flow not found\n"
        "h:2:15: address must be a usable IPv4 or IPv6 address, not \"0.0.0.0\"; the unspecified address "
        "does not belong to an interface; use an address of the host\n"
        "h:2:31: backup alone has no effect; add subflow or signal\n"
        "h:2:47: port must be a whole number from 1 to 65535, not \"0\"\n"
        "h:2:47: port requires the flag signal");
}

TEST(ConfigRefusalsAllInOneRun, ShowTheLineWithoutControlCharacters) {
    const LoadedConfig config = parse("limits:\r\n\r\n  \xc3\xa9\t\xe2\x80\xae: 1\r\n");
    ASSERT_EQ(config.errors.size(), 1U);
    EXPECT_EQ(config.errors[0].source, (Source{"f", 3, 3}));
    EXPECT_EQ(config.errors[0].line_text, "  \xc3\xa9 \uFFFD: 1");
}

TEST(ConfigRefusalsAllInOneRun, ReportThousandsOfErrors) {
    std::string text;
    for (int index = 0; index < 3000; ++index) {
        text += "k" + std::to_string(index) + ": 1\n";
    }
    EXPECT_EQ(parse(text).errors.size(), 3000U);
}

TEST(ConfigRefusalsAllInOneRun, StopAtTenThousandAndCountTheRest) {
    std::string text;
    for (int index = 0; index < 4000; ++index) {
        text += "k" + std::to_string(index) + ": 1\n";
    }
    const LoadedConfig config = parse_config({{"a", text}, {"b", text}, {"c", text}});
    ASSERT_EQ(config.errors.size(), 10001U);
    EXPECT_EQ(printed(config.errors.back()), "c:2001:1: 2000 more errors are not shown");
}

} // namespace
} // namespace keeper
