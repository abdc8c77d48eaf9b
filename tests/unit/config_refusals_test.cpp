#include "unit/config_support.hpp"

namespace keeper {
namespace {

/// A file that is refused, and all that is said about it.
struct Refusal {
    const char* what;
    const char* text;
    const char* errors;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << refusal.what;
}

class ConfigRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigRefusals, NamesThePlaceAndWhatToDo) {
    EXPECT_EQ(errors(GetParam().text), GetParam().errors);
}

std::string test_name(const testing::TestParamInfo<Refusal>& info) {
    return info.param.what;
}

const Refusal document[]{
    {"SyntaxError", "limits: {subflows: 1\n", "f:1:9: not valid YAML: end of map flow not found"},
    // yaml-cpp stands at its mark for the end of the text, the byte 0x04, and quotes it.
    {"EscapeAtTheEnd", "a: \"\\", "f:1:6: not valid YAML: unknown escape character: ?"},
    {"TabAsIndent",
     "sysctl:\n\tenabled: 1\n",
     "f:2:9: not valid YAML: illegal map value; indent with blanks, not with tabs"},
    {"GlobWithoutQuotes",
     "profiles:\n  - match: {name: *}\n",
     "f:2:20: not valid YAML: alias not found after *; put a glob that starts with * in quotes"},
    {"AnchorsAndAliases",
     "limits: &a {subflows: 1}\n",
     "f:1:9: anchors (&name) are not supported: write the value out where it is used"},
    {"AliasThatHoldsItself",
     "&a [*a]",
     "f:1:1: anchors (&name) are not supported: write the value out where it is used"},
    {"TagOnAMap",
     "sysctl: !!map {}\n",
     "f:1:9: tags (!name) are not supported: remove it, or quote the text"},
    {"TagOnAScalar",
     "version: !!int 1\n",
     "f:1:10: tags (!name) are not supported: remove it, or quote the text"},
    {"NonSpecificTag",
     "version: ! 1\n",
     "f:1:10: tags (!name) are not supported: remove it, or quote the text"},
    {"DuplicateKey",
     "limits: {}\nsysctl: {}\nlimits: {}\n",
     "f:3:1: the key \"limits\" is already in line 1: keep one of them"},
    {"DuplicateKeyInQuotes",
     "limits: {subflows: 1, \"subflows\": 2}\n",
     "f:1:23: the key \"subflows\" is already in line 1: keep one of them"},
    {"MergeKey", "<<: {}\n", "f:1:1: merge keys (<<) are not supported: write the values out"},
    {"SecondDocument",
     "limits: {}\n---\nlimits: {}\n",
     "f:2:1: a second document: a file holds one, put the other into a file of its own"},
    {"EmptySecondDocument",
     "limits: {}\n---\n",
     "f:2:1: a second document: a file holds one, put the other into a file of its own"},
    {"LoneComma", ",", "f:1:1: not valid YAML: unexpected \",\""},
    {"LoneBracket", "]", "f:1:1: not valid YAML: illegal flow end"},
    {"MissingKey", "limits:\n  ~: 1\n", "f:2:3: a key is missing before the colon"},
    {"ListAsKey",
     "? [a]\n: b\n",
     "f:1:3: a list or map cannot be a key: close the bracket, or quote the word"},
    {"InvalidUtf8",
     "sysctl:\n  \xc3\xa9nabl\xe9: 1\n",
     "f:2:8: byte 0xe9 is not valid UTF-8: save the file as UTF-8"},
    {"Utf16", "\xff\xfev\x01", "f:1:1: this looks like UTF-16: save the file as UTF-8"},
    {"ControlCharacter",
     "# a\n# \x1b[2J\n",
     "f:2:3: the control character U+001B cannot stand in YAML: remove it"},
    {"Text",
     "hello\n",
     "f:1:1: the file must be a map (lines with key: value) of version, sysctl, limits, profiles, "
     "endpoints, applications and reconcile, not \"hello\""},
    {"BracketsThatAreNotClosed",
     "sysctl: [[[[[[[[[[[[[[[[[",
     "f:1:10: a list or map cannot be a key: close the bracket, or quote the word"},
    {"SeventeenDeep", "sysctl: [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\n", "f:1:24: nested more than 16 deep"},
    {"UnknownKeyNearOne", "limit: {}\n", "f:1:1: unknown key \"limit\": did you mean limits?"},
    {"UnknownKeyNearNone",
     "limits:\n  banana: 1\n",
     "f:2:3: unknown key \"banana\": known are subflows and add_addr_accepted"},
    {"UnknownVersion", "version: 2\n", "f:1:10: version must be 1, not \"2\""},
    {"VersionInQuotes",
     "version: \"1\"\n",
     "f:1:10: version must be 1, not \"1\": in quotes it is a text: remove the quotes"},
    {"NoVersion", "version:\n", "f:1:1: version must be 1, not nothing"},
};
INSTANTIATE_TEST_SUITE_P(Document, ConfigRefusals, testing::ValuesIn(document), test_name);

const Refusal sysctl[]{
    {"Yes",
     "sysctl:\n  enabled: yes\n",
     "f:2:12: enabled must be true, false, 0 or 1, not \"yes\": write true"},
    {"Off",
     "sysctl: {enabled: Off}\n",
     "f:1:19: enabled must be true, false, 0 or 1, not \"Off\": write false"},
    {"BooleanInQuotes",
     "sysctl: {enabled: \"true\"}\n",
     "f:1:19: enabled must be true, false, 0 or 1, not \"true\": in quotes it is a text: remove the quotes"},
    {"BooleanOutOfRange", "sysctl: {enabled: 2}\n", "f:1:19: enabled must be true, false, 0 or 1, not \"2\""},
    {"Octal",
     "sysctl: {add_addr_timeout: 010}\n",
     "f:1:28: add_addr_timeout must be a whole number from 0 to 2147483647 (seconds), not \"010\": write it "
     "without the leading zero: some read it as octal"},
    {"Hexadecimal",
     "sysctl: {stale_loss_cnt: 0x10}\n",
     "f:1:26: stale_loss_cnt must be a whole number from 0 to 4294967295, not \"0x10\": write it in decimal"},
    {"Underscore",
     "sysctl: {stale_loss_cnt: 1_000}\n",
     "f:1:26: stale_loss_cnt must be a whole number from 0 to 4294967295, not \"1_000\": write it without _"},
    {"Plus",
     "sysctl: {stale_loss_cnt: +1}\n",
     "f:1:26: stale_loss_cnt must be a whole number from 0 to 4294967295, not \"+1\": write it without the "
     "+"},
    {"Unit",
     "sysctl: {close_timeout: 60s}\n",
     "f:1:25: close_timeout must be a whole number from 0 to 2147483647 (seconds), not \"60s\": write the "
     "number alone"},
    {"NegativeTimeout",
     "sysctl: {close_timeout: -1}\n",
     "f:1:25: close_timeout must be a whole number from 0 to 2147483647 (seconds), not \"-1\""},
    {"BeyondInt64",
     "sysctl: {stale_loss_cnt: 99999999999999999999}\n",
     "f:1:26: stale_loss_cnt must be a whole number from 0 to 4294967295, not \"99999999999999999999\""},
    {"ReadOnly",
     "sysctl: {available_schedulers: default}\n",
     "f:1:10: net.mptcp.available_schedulers is read-only: remove it"},
    {"OutsideOfMptcp",
     "sysctl:\n  ../../kernel/panic: 1\n",
     "f:2:3: \"../../kernel/panic\" is not allowed: a sysctl's name is made of a to z, 0 to 9 and _, after "
     "net.mptcp."},
    {"OutsideOfMptcpByDots",
     "sysctl: {net.ipv4.ip_forward: 1}\n",
     "f:1:10: \"net.ipv4.ip_forward\" is not allowed: a sysctl's name is made of a to z, 0 to 9 and _, after "
     "net.mptcp."},
    {"UpperCase",
     "sysctl: {Enabled: 1}\n",
     "f:1:10: \"Enabled\" is not allowed: a sysctl's name is made of a to z, 0 to 9 and _, after net.mptcp.; "
     "did you mean enabled?"},
    {"NearMiss", "sysctl: {enabeld: 1}\n", "f:1:10: unknown sysctl \"enabeld\": did you mean enabled?"},
    {"OutOfTreeName",
     "sysctl: {net.mptcp.mptcp_enabled: 1}\n",
     "f:1:10: unknown sysctl \"net.mptcp.mptcp_enabled\": did you mean enabled?"},
    {"TwoSpellingsOfOneName",
     "sysctl:\n  enabled: 1\n  net.mptcp.enabled: 1\n",
     "f:3:3: net.mptcp.enabled is already in line 2: keep one of them"},
    {"PmTypeBesidePathManager",
     "sysctl:\n  path_manager: kernel\n  pm_type: 0\n",
     "f:3:3: pm_type and path_manager are one setting under two names, the other is in f:2: keep "
     "path_manager"},
    {"NameWithBlank",
     "sysctl: {scheduler: \"a b\"}\n",
     "f:1:21: scheduler must be a name of at most 15 letters, digits, - and _, not \"a b\""},
    {"NameTooLong",
     "sysctl: {scheduler: abcdefghijklmnop}\n",
     "f:1:21: scheduler must be a name of at most 15 letters, digits, - and _, not \"abcdefghijklmnop\""},
    {"NameAsBoolean",
     "sysctl: {scheduler: on}\n",
     "f:1:21: scheduler must be a name of at most 15 letters, digits, - and _, not \"on\": unquoted it is a "
     "boolean: put a name in quotes"},
    {"UnknownWithHexadecimal",
     "sysctl: {shiny_thing: 0x10}\n",
     "f:1:23: shiny_thing must be a decimal number or a word of letters, digits, - and _, not \"0x10\": "
     "write "
     "it in decimal"},
    {"UnknownWithList",
     "sysctl: {shiny_thing: [1]}\n",
     "f:1:23: shiny_thing must be a decimal number or a word of letters, digits, - and _, not a list"},
};
INSTANTIATE_TEST_SUITE_P(Sysctl, ConfigRefusals, testing::ValuesIn(sysctl), test_name);

const Refusal limits[]{
    {"Negative",
     "limits: {subflows: -1}\n",
     "f:1:20: subflows must be a whole number from 0 to 64, not \"-1\""},
    {"TooLarge",
     "limits: {subflows: 65}\n",
     "f:1:20: subflows must be a whole number from 0 to 64, not \"65\""},
    {"InQuotes",
     "limits: {subflows: '3'}\n",
     "f:1:20: subflows must be a whole number from 0 to 64, not \"3\": in quotes it is a text: remove the "
     "quotes"},
    {"Fraction",
     "limits: {subflows: 1.5}\n",
     "f:1:20: subflows must be a whole number from 0 to 64, not \"1.5\": write a whole number in decimal"},
    {"List",
     "limits: [subflows]\n",
     "f:1:9: limits must be a map (lines with key: value) of subflows and add_addr_accepted, not a list"},
};
INSTANTIATE_TEST_SUITE_P(Limits, ConfigRefusals, testing::ValuesIn(limits), test_name);

const Refusal profiles[]{
    {"MatchMissing", "profiles:\n  - mptcp-flags: signal\n", "f:2:5: match is missing"},
    {"FlagsMissing", "profiles:\n  - match: {name: a}\n", "f:2:5: mptcp-flags is missing"},
    {"MatchEmpty",
     "profiles:\n  - match: {}\n    mptcp-flags: signal\n",
     "f:2:12: match must not be empty: give name, uuid, interface or type"},
    {"ExceptEmpty",
     "profiles:\n  - {match: {name: a}, except: {}, mptcp-flags: signal}\n",
     "f:2:32: except must not be empty: give name, uuid, interface or type"},
    {"EmptyName",
     "profiles:\n  - {match: {name: \"\"}, mptcp-flags: signal}\n",
     "f:2:20: name must be a name or a glob such as \"wan*\", not \"\""},
    {"EmptyListOfNames",
     "profiles:\n  - {match: {name: []}, mptcp-flags: signal}\n",
     "f:2:20: name must be a text or a list of them, not a list: the list is empty"},
    {"NameThatIsABoolean",
     "profiles:\n  - {match: {name: no}, mptcp-flags: signal}\n",
     "f:2:20: name must be a name or a glob such as \"wan*\", not \"no\": unquoted it is a boolean: put a "
     "name "
     "in quotes"},
    {"UnknownMatchKey",
     "profiles:\n  - {match: {nmae: a}, mptcp-flags: signal}\n",
     "f:2:14: unknown key \"nmae\": did you mean name?"},
    {"NotAUuid",
     "profiles:\n  - {match: {uuid: [abc]}, mptcp-flags: signal}\n",
     "f:2:21: an item of uuid must be a UUID such as 6f2ad1a6-8d0b-4e9c-9d0a-0b8d3f6a2c11, not \"abc\""},
    {"UnknownFlag",
     "profiles:\n  - {match: {name: a}, mptcp-flags: [sginal]}\n",
     "f:2:38: unknown flag \"sginal\": did you mean signal?"},
    {"UnknownFlagInText",
     "profiles:\n  - match: {name: a}\n    mptcp-flags: signal, banana\n",
     "f:3:26: unknown flag \"banana\": known are default, disabled, enabled, also-without-sysctl, "
     "also-without-default-route, signal, subflow, backup, fullmesh and laminar"},
    {"FlagsAsNumber",
     "profiles:\n  - {match: {name: a}, mptcp-flags: 0x22}\n",
     "f:2:37: unknown flag \"0x22\": write names: enabled,subflow"},
    {"FlagsAsDecimalNumber",
     "profiles:\n  - {match: {name: a}, mptcp-flags: [16]}\n",
     "f:2:38: unknown flag \"16\": write names: signal"},
    {"FlagTwice",
     "profiles:\n  - {match: {name: a}, mptcp-flags: \"signal,signal\"}\n",
     "f:2:45: the flag \"signal\" is named twice"},
    {"NoFlag",
     "profiles:\n  - {match: {name: a}, mptcp-flags: []}\n",
     "f:2:37: mptcp-flags must be a list of flags, or flags with commas between them, not a list: name at "
     "least one"},
    {"TrailingComma",
     "profiles:\n  - match: {name: a}\n    mptcp-flags: signal,\n",
     "f:3:25: unknown flag \"\": known are default, disabled, enabled, also-without-sysctl, "
     "also-without-default-route, signal, subflow, backup, fullmesh and laminar"},
    {"DefaultBesideAnother",
     "profiles:\n  - {match: {name: a}, mptcp-flags: [default, signal]}\n",
     "f:2:38: default cannot stand beside other flags"},
    {"DisabledBesideAnother",
     "profiles:\n  - {match: {name: a}, mptcp-flags: [signal, disabled]}\n",
     "f:2:37: disabled cannot stand beside other flags"},
    {"SignalWithFullmesh",
     "profiles:\n  - {match: {name: a}, mptcp-flags: [signal, fullmesh]}\n",
     "f:2:37: signal and fullmesh exclude each other"},
    {"UnknownActivation",
     "profiles:\n  - {match: {name: a}, mptcp-flags: signal, activation: now}\n",
     "f:2:57: activation must be auto, reapply or defer, not \"now\""},
    {"MapForAList",
     "profiles: {match: {name: a}}\n",
     "f:1:11: profiles must be a list (lines with - ), not a map"},
    {"NullItem",
     "profiles:\n  -\n",
     "f:2:3: an item of profiles must be a map (lines with key: value) of match, except, mptcp-flags and "
     "activation, not nothing"},
};
INSTANTIATE_TEST_SUITE_P(Profiles, ConfigRefusals, testing::ValuesIn(profiles), test_name);

const Refusal endpoints[]{
    {"AddressMissing", "endpoints:\n  - flags: [signal]\n", "f:2:5: address is missing"},
    {"FlagsMissing",
     "endpoints:\n  - address: 192.0.2.1\n",
     "f:2:5: flags is missing: say what the endpoint is for, such as [signal] or [subflow]"},
    {"FlagsEmpty",
     "endpoints:\n  - {address: 192.0.2.1, flags: []}\n",
     "f:2:33: flags must be a list of flags, or flags with commas between them, not a list: name at least "
     "one"},
    {"HostName",
     "endpoints:\n  - {address: example.org, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"example.org\": write it in numbers, such "
     "as "
     "192.0.2.1 or 2001:db8::1"},
    {"PrefixLength",
     "endpoints:\n  - {address: 192.0.2.1/24, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"192.0.2.1/24\": write it without the "
     "prefix "
     "length: 192.0.2.1"},
    {"PortInAddress",
     "endpoints:\n  - {address: \"[2001:db8::1]:80\", flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"[2001:db8::1]:80\": write address "
     "2001:db8::1 and port 80 in two keys"},
    {"Zone",
     "endpoints:\n  - {address: fe80::1%eth0, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"fe80::1%eth0\": write fe80::1 and the "
     "interface in a key of its own"},
    {"Unspecified",
     "endpoints:\n  - {address: 0.0.0.0, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"0.0.0.0\": the unspecified address stands "
     "for no interface: write one that the host has"},
    {"UnspecifiedV6",
     "endpoints:\n  - {address: \"::\", flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"::\": the unspecified address stands for "
     "no "
     "interface: write one that the host has"},
    {"Multicast",
     "endpoints:\n  - {address: ff02::1, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"ff02::1\": a multicast address cannot be "
     "an "
     "end of a connection: write a unicast one"},
    {"Broadcast",
     "endpoints:\n  - {address: 255.255.255.255, flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"255.255.255.255\": the broadcast address "
     "cannot be an end of a connection: write a unicast one"},
    {"V4Mapped",
     "endpoints:\n  - {address: \"::ffff:192.0.2.1\", flags: [signal]}\n",
     "f:2:15: address must be a usable IPv4 or IPv6 address, not \"::ffff:192.0.2.1\": an IPv4 address in "
     "IPv6 "
     "clothes never matches: write 192.0.2.1"},
    {"LinkLocalWithoutInterface",
     "endpoints:\n  - {address: fe80::1, flags: [signal]}\n  - {address: 169.254.1.1, flags: [signal]}\n",
     "f:2:15: a link-local address needs an interface beside it\n"
     "f:3:15: a link-local address needs an interface beside it"},
    {"BackupAlone",
     "endpoints:\n  - {address: 192.0.2.1, flags: backup}\n",
     "f:2:33: backup alone has no effect: add subflow or signal"},
    {"FullmeshWithoutSubflow",
     "endpoints:\n  - {address: 192.0.2.1, flags: fullmesh}\n",
     "f:2:33: fullmesh needs subflow beside it"},
    {"SignalWithFullmesh",
     "endpoints:\n  - {address: 192.0.2.1, flags: \"signal,subflow,fullmesh\"}\n",
     "f:2:33: signal and fullmesh exclude each other: make it one of them"},
    {"PortWithoutSignal",
     "endpoints:\n  - {address: 192.0.2.1, flags: [laminar], port: 80}\n",
     "f:2:50: a port needs the flag signal"},
    {"PortWithSubflow",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal, subflow], port: 80}\n",
     "f:2:58: a port cannot stand beside the flag subflow: remove one of them"},
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
     "f:3:5: the id 7 is already pinned in f:2: choose another one"},
    {"ImplicitFlag",
     "endpoints:\n  - {address: 192.0.2.1, flags: [implicit]}\n",
     "f:2:34: unknown flag \"implicit\": only the kernel makes implicit endpoints"},
    {"FlagOfProfiles",
     "endpoints:\n  - {address: 192.0.2.1, flags: [signal, also-without-default-route]}\n",
     "f:2:42: unknown flag \"also-without-default-route\": it belongs to a profile's mptcp-flags"},
    {"UnknownState",
     "endpoints:\n  - {address: 192.0.2.1, state: gone}\n",
     "f:2:33: state must be absent, not \"gone\""},
    {"SameAddressTwice",
     "endpoints:\n  - {address: 2001:db8::1, flags: [signal]}\n  - {address: 2001:db8:0::1, state: absent}\n",
     "f:3:5: the endpoint 2001:db8::1 is already in line 2: keep one of them"},
    {"SameAddressAndPortTwice",
     "endpoints:\n  - {address: 192.0.2.1, port: 80, flags: [signal]}\n  - {address: 192.0.2.1, port: 80, "
     "flags: [signal]}\n",
     "f:3:5: the endpoint 192.0.2.1:80 is already in line 2: keep one of them"},
    {"NullPort",
     "endpoints:\n  - {address: 192.0.2.1, port: null, flags: [signal]}\n",
     "f:2:32: port must be a whole number from 1 to 65535, not nothing"},
};
INSTANTIATE_TEST_SUITE_P(Endpoints, ConfigRefusals, testing::ValuesIn(endpoints), test_name);

const Refusal others[]{
    {"AllApplications",
     "applications: {all: true}\n",
     "f:1:16: turning every program of the host to MPTCP is not available yet: name the units"},
    {"UnitWithoutSuffix",
     "applications: {units: [iperf3]}\n",
     "f:1:24: an item of units must be a systemd unit such as iperf3.service, not \"iperf3\": write "
     "\"iperf3.service\""},
    {"UnitWithoutSockets",
     "applications: {units: backup.timer}\n",
     "f:1:23: units must be a systemd unit such as iperf3.service, not \"backup.timer\": only .service and "
     ".socket units have sockets"},
    {"UnitAsPath",
     "applications: {units: /etc/systemd/system/a.service}\n",
     "f:1:23: units must be a systemd unit such as iperf3.service, not \"/etc/systemd/system/a.service\": "
     "write "
     "the unit's name without a path"},
    {"UnitsWhileDisabled",
     "sysctl: {enabled: false}\napplications: {units: a.service}\n",
     "f:2:23: units cannot use MPTCP while net.mptcp.enabled is off, the other of the two is in f:1: keep "
     "one"},
    {"UnknownMode",
     "reconcile: {mode: reprot}\n",
     "f:1:19: mode must be enforce, report or manual, not \"reprot\": did you mean report?"},
    {"IntervalWithoutUnit",
     "reconcile: {interval: 5}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"5\": add the unit: 5s or 5ms"},
    {"IntervalTooShort",
     "reconcile: {interval: 99ms}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"99ms\": write one from 100ms to 1h"},
    {"IntervalTooLong",
     "reconcile: {interval: 61m}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"61m\": write one from 100ms to 1h"},
    {"IntervalWithBlank",
     "reconcile: {interval: 1 s}\n",
     "f:1:23: interval must be a duration such as 500ms, 1s or 2m, not \"1 s\": write a number and ms, s, m "
     "or h "
     "without a blank between"},
};
INSTANTIATE_TEST_SUITE_P(Others, ConfigRefusals, testing::ValuesIn(others), test_name);

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

TEST(ConfigRefusalsAllInOneRun, TellOfEveryErrorOfEveryFile) {
    const std::string refused = errors(std::vector<std::string>{
        "sysctl: {enabled: yes}\nlimits: {subflows: 99}\n",
        "limits: [\n",
        "endpoints:\n  - {address: 0.0.0.0, flags: [backup], port: 0}\n"});
    EXPECT_EQ(
        refused,
        "f:1:19: enabled must be true, false, 0 or 1, not \"yes\": write true\n"
        "f:2:20: subflows must be a whole number from 0 to 64, not \"99\"\n"
        "g:1:9: not valid YAML: end of sequence flow not found\n"
        "h:2:15: address must be a usable IPv4 or IPv6 address, not \"0.0.0.0\": the unspecified address "
        "stands "
        "for no interface: write one that the host has\n"
        "h:2:31: backup alone has no effect: add subflow or signal\n"
        "h:2:47: port must be a whole number from 1 to 65535, not \"0\"\n"
        "h:2:47: a port needs the flag signal");
}

TEST(ConfigRefusalsAllInOneRun, ShowTheLineWithNothingInItThatMovesTheCursor) {
    const LoadedConfig config = parse("limits:\r\n\r\n  \xc3\xa9\t\xe2\x80\xae: 1\r\n");
    ASSERT_EQ(config.errors.size(), 1U);
    EXPECT_EQ(config.errors[0].source, (Source{"f", 3, 3}));
    EXPECT_EQ(config.errors[0].line_text, "  \xc3\xa9 ?: 1");
}

TEST(ConfigRefusalsAllInOneRun, StopAtAHundredAndSayHowManyMore) {
    std::string text;
    for (int index = 0; index < 150; ++index) {
        text += "k" + std::to_string(index) + ": 1\n";
    }
    const LoadedConfig config = parse(text);
    ASSERT_EQ(config.errors.size(), 101U);
    EXPECT_EQ(printed(config.errors.back()), "f:101:1: 50 more errors are not shown");
}

} // namespace
} // namespace keeper
