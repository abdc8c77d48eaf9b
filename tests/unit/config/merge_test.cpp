// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/config_support.hpp"
#include "support/values.hpp"

namespace keeper {
namespace {

using test::address;

using Texts = std::vector<std::string>;

TEST(ConfigMerge, LaterKeysWin) {
    const DesiredState desired = declared(Texts{
        "sysctl: {enabled: false, stale_loss_cnt: 3}\nlimits: {subflows: 1, add_addr_accepted: "
        "1}\nreconcile: "
        "{mode: report}\n",
        "sysctl: {net.mptcp.enabled: true}\nlimits: {subflows: 2}\nreconcile: {interval: 5s}\n"});
    EXPECT_EQ(desired.sysctls.at("enabled"), (Declared<std::string>{"1", {"g", 1, 10}}));
    EXPECT_EQ(desired.sysctls.at("stale_loss_cnt"), (Declared<std::string>{"3", {"f", 1, 26}}));
    EXPECT_EQ(desired.subflows, (Declared<std::uint32_t>{2, {"g", 2, 10}}));
    EXPECT_EQ(desired.add_addr_accepted, (Declared<std::uint32_t>{1, {"f", 2, 23}}));
    EXPECT_EQ(desired.reconcile.mode.value, ReconcileMode::report);
    EXPECT_EQ(desired.reconcile.interval.value, std::chrono::seconds(5));
}

TEST(ConfigMerge, MetricsMergeKeyByKey) {
    const std::string first = "metrics: {textfile: /run/a.prom, counters: true}\n";
    const DesiredState desired = declared(Texts{first, "metrics: {textfile: /run/b.prom}\n"});
    EXPECT_EQ(desired.metrics.textfile, (Declared<std::string>{"/run/b.prom", {"g", 1, 11}}));
    EXPECT_EQ(desired.metrics.counters, (Declared<bool>{true, {"f", 1, 34}}));
    EXPECT_TRUE(desired.metrics.with_counters());
    const DesiredState withdrawn = declared(Texts{first, "metrics: {textfile: null, counters: null}\n"});
    EXPECT_EQ(withdrawn.metrics, MetricsOutput{});
    EXPECT_EQ(declared(Texts{first, "metrics: null\n"}).metrics, MetricsOutput{});
}

TEST(ConfigMerge, MetricsAloneAreADeclaration) {
    EXPECT_EQ(warnings("metrics: {textfile: /run/a.prom}\n"), "");
    EXPECT_EQ(
        warnings("metrics: {counters: true}\n"),
        "f:1:1: the configuration declares nothing; nothing will be done");
}

TEST(ConfigMerge, NullWithdrawsAValue) {
    const DesiredState desired = declared(Texts{
        "sysctl: {enabled: true, stale_loss_cnt: 3}\nlimits: {subflows: 1, add_addr_accepted: 1}\n"
        "applications: {units: a.service}\nreconcile: {mode: report, interval: 5s}\n",
        "sysctl: {enabled: null}\nlimits: {subflows: ~}\napplications: {units: null}\nreconcile: {mode: "
        "null}\n"});
    EXPECT_EQ(desired.sysctls.size(), 1U);
    EXPECT_EQ(desired.subflows, std::nullopt);
    EXPECT_TRUE(desired.add_addr_accepted.has_value());
    EXPECT_TRUE(desired.units.empty());
    EXPECT_EQ(desired.reconcile.mode.value, ReconcileMode::enforce);
    EXPECT_EQ(desired.reconcile.interval.value, std::chrono::seconds(5));
}

TEST(ConfigMerge, NullWithdrawsASection) {
    const std::string everything = "sysctl: {enabled: true}\nlimits: {subflows: 1, add_addr_accepted: 1}\n"
                                   "profiles: [{match: {name: a}, mptcp-flags: signal}]\n"
                                   "endpoints: [{address: 192.0.2.1, flags: [signal]}]\n"
                                   "applications: {units: a.service}\nreconcile: {mode: report}\n";
    const std::string withdrawn =
        "sysctl: null\nlimits: null\nprofiles: null\nendpoints: null\napplications: null\nreconcile: null\n";
    EXPECT_EQ(declared(Texts{everything, withdrawn}), DesiredState{});
    EXPECT_EQ(
        warnings(Texts{everything, withdrawn}),
        "f:1:1: the configuration declares nothing; nothing will be done");
}

TEST(ConfigMerge, AnEmptySectionThatDiscardsDeclarationsIsAWarning) {
    const Texts texts{
        "sysctl: {enabled: true}\nlimits: {subflows: 1}\n", "sysctl:\n  # enabled: false\nprofiles:\n"};
    EXPECT_TRUE(declared(texts).sysctls.empty());
    EXPECT_EQ(
        warnings(texts),
        "g:1:1: sysctl is empty and discards earlier declarations; write null to make that explicit");
}

TEST(ConfigMerge, EmptyMapsAndListsDiscardNothing) {
    const Texts texts{
        "sysctl: {enabled: true}\nprofiles: [{match: {name: a}, mptcp-flags: signal}]\n",
        "sysctl: {}\nprofiles: []\nendpoints: []\nlimits: {}\napplications: {units: []}\n"};
    EXPECT_EQ(declared(texts).sysctls.size(), 1U);
    EXPECT_EQ(declared(texts).profiles.size(), 1U);
}

TEST(ConfigMerge, RulesAreAppendedInOrder) {
    const DesiredState desired = declared(Texts{
        "profiles:\n  - {match: {name: a}, mptcp-flags: signal}\n  - {match: {name: b}, mptcp-flags: "
        "signal}\n",
        "profiles:\n  - {match: {name: a}, mptcp-flags: null}\n"});
    ASSERT_EQ(desired.profiles.size(), 3U);
    EXPECT_EQ(desired.profiles[1].match.names, std::vector<std::string>{"b"});
    EXPECT_EQ(desired.profiles[2].flags, std::nullopt);
    EXPECT_EQ(desired.profiles[2].source, (Source{"g", 2, 5}));
}

TEST(ConfigMerge, EndpointsOfOneAddressAndPortReplaceEachOther) {
    const DesiredState desired = declared(Texts{
        "endpoints:\n  - {address: 2001:db8::1, flags: [signal], id: 3}\n  - {address: 192.0.2.1, flags: "
        "[subflow]}\n",
        "endpoints:\n  - {address: 2001:DB8:0:0::1, flags: [subflow]}\n  - {address: 192.0.2.1, state: "
        "absent}\n"});
    ASSERT_EQ(desired.endpoints.size(), 2U);
    const DesiredEndpoint& replaced = desired.endpoints.at({address("2001:db8::1"), 0});
    EXPECT_EQ(replaced.flags, EndpointFlags{EndpointFlag::subflow});
    EXPECT_EQ(replaced.id, std::nullopt);
    EXPECT_TRUE(desired.endpoints.at({address("192.0.2.1"), 0}).absent);
}

TEST(ConfigMerge, UnitsAreAUnion) {
    EXPECT_EQ(
        declared(
            Texts{"applications: {units: a.service}\n", "applications: {units: [b.service, a.service]}\n"})
            .units,
        (std::map<std::string, Source>{{"a.service", {"f", 1, 23}}, {"b.service", {"g", 1, 24}}}));
}

TEST(ConfigMerge, ExceptionsAndSlicesAreUnionsToo) {
    const DesiredState desired = declared(Texts{
        "sysctl: {enabled: 1}\napplications: {never: a.service, slices: a.slice, all: true}\n",
        "applications: {never: b.service, slices: b.slice, all: false}\n"});
    EXPECT_EQ(
        desired.never,
        (std::map<std::string, Source>{{"a.service", {"f", 2, 23}}, {"b.service", {"g", 1, 23}}}));
    EXPECT_EQ(
        desired.slices,
        (std::map<std::string, Source>{{"a.slice", {"f", 2, 42}}, {"b.slice", {"g", 1, 42}}}));
    EXPECT_EQ(desired.all_programs, (Declared<bool>{false, {"g", 1, 51}}));
}

TEST(ConfigMerge, TheProgramHookHoldsALimitedNumberOfNames) {
    const std::string all = "sysctl: {enabled: 1}\napplications:\n  all: true\n  never:\n";
    std::string names;
    for (std::size_t i = 0; i < most_hook_names; ++i) {
        names += "    - a" + std::to_string(i) + ".service\n";
    }
    EXPECT_EQ(errors(Texts{all + names}), "");
    EXPECT_EQ(
        errors(Texts{all + names + "    - b.service\n"}),
        "f:805:7: together with applications.all or slices, never and slices may have 800 names; use globs");
    EXPECT_EQ(errors(Texts{"applications:\n  never:\n" + names + "    - b.service\n"}), "");

    std::string sets;
    for (std::size_t i = 0; i < most_hook_sets / 50; ++i) {
        sets += "    - \"";
        for (int set = 0; set < 50; ++set) {
            sets += "[ab]";
        }
        sets += std::to_string(i) + ".service\"\n";
    }
    EXPECT_EQ(errors(Texts{all + sets}), "");
    EXPECT_EQ(
        errors(Texts{all + sets + "    - \"[ab].service\"\n"}),
        "f:10:7: together with applications.all or slices, never may have 250 sets such as [a-z]");
}

TEST(ConfigMerge, NullWithdrawsExceptionsSlicesAndAll) {
    const std::string earlier =
        "sysctl: {enabled: 1}\napplications: {never: a.service, slices: a.slice, all: true}\n";
    for (const char* later :
         {"applications: null\n", "applications: {never: null, slices: ~, all: null}\n"}) {
        const DesiredState desired = declared(Texts{earlier, later});
        EXPECT_TRUE(desired.never.empty() && desired.slices.empty()) << later;
        EXPECT_EQ(desired.all_programs, std::nullopt) << later;
    }
}

TEST(ConfigMerge, ContradictionsAreErrorsAtTheLaterPlace) {
    EXPECT_EQ(
        errors(Texts{"applications: {units: a.service}\n", "\nsysctl: {enabled: 0}\n"}),
        "g:2:10: applications.units requires sysctl.enabled to be true (conflicts with f:1); remove one of "
        "them");
    EXPECT_EQ(
        errors(Texts{"sysctl: {pm_type: 0}\n", "sysctl: {path_manager: kernel}\n"}),
        "g:1:10: pm_type and path_manager are two names of one setting (also set in f:1); keep path_manager");
    EXPECT_EQ(
        errors(Texts{
            "endpoints: [{address: 192.0.2.9, flags: [signal], id: 3}]\n",
            "endpoints: [{address: 192.0.2.1, flags: [signal], id: 3}]\n"}),
        "g:1:13: id 3 is already pinned in f:1; choose another id");
}

TEST(ConfigMerge, WithdrawnDeclarationsContradictNothing) {
    EXPECT_EQ(
        errors(Texts{
            "sysctl: {pm_type: 0, enabled: 0}\nendpoints: [{address: 192.0.2.9, flags: [signal], id: 3}]\n",
            "sysctl: {pm_type: null, path_manager: kernel, enabled: null}\napplications: {units: a.service}\n"
            "endpoints: [{address: 192.0.2.9, state: absent}, {address: 192.0.2.1, flags: [signal], id: "
            "3}]\n"}),
        "");
}

} // namespace
} // namespace keeper
