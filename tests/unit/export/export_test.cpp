// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/export.hpp"
#include "report/export_report.hpp"

#include <gtest/gtest.h>

#include "applications/program_hook.hpp"
#include "config/config.hpp"
#include "plan/plan.hpp"
#include "support/status_fixture.hpp"

namespace keeper {

namespace {

using status_fixture::key;

/// A host where NetworkManager's endpoints exist and nothing is pending.
ObservedState settled_host() {
    ObservedState host = status_fixture::host();
    for (Profile& profile : host.network_manager->profiles) {
        if (!profile.activations.empty()) {
            profile.filename = "/etc/NetworkManager/system-connections/" + profile.name + ".nmconnection";
        }
    }
    return host;
}

ExportFacts facts_of(const ObservedState& host) {
    ExportFacts facts;
    facts.observed = &host;
    return facts;
}

/// Expects that applying the text on that host changes nothing.
void expect_no_change(const std::string& yaml, const ObservedState& host) {
    const LoadedConfig config = parse_config({{"export", yaml}});
    ASSERT_TRUE(config.valid()) << yaml << config.errors.front().message;
    EXPECT_TRUE(make_plan(config.desired, host, {}, Scope{}).in_sync()) << yaml;
}

TEST(Export, ShowsWhatDiffersFromTheDefaultsAndWhereItWasFound) {
    ObservedState host = settled_host();
    (*host.sysctls)["add_addr_timeout"] = "60";
    (*host.sysctls)["available_schedulers"] = "default";
    host.limits = Limits{2, 4};
    ExportFacts facts = facts_of(host);
    facts.sysctl_lines = {{"enabled", "1", "/etc/sysctl.d/90-enable-MPTCP.conf", 1}};
    facts.limit_lines = {
        {"subflows", "3", "/etc/systemd/system/set_mptcp_limit.service", 6},
        {"add_addr_accepted", "4", "/etc/systemd/system/set_mptcp_limit.service", 6}};
    const std::string yaml = export_yaml(facts);
    EXPECT_EQ(yaml.substr(yaml.find("\n\n") + 2), R"yaml(sysctl:
  # the running kernel (default: 120); no file sets it
  add_addr_timeout: 60
  # /etc/sysctl.d/90-enable-MPTCP.conf:1
  enabled: true

limits:
  # /etc/systemd/system/set_mptcp_limit.service:6, which sets 3
  subflows: 2
  # /etc/systemd/system/set_mptcp_limit.service:6
  add_addr_accepted: 4

profiles:
  # /etc/NetworkManager/system-connections/lan one.nmconnection
  - match: {name: "lan one"}
    mptcp-flags: [enabled, subflow]
  # profile "spare", in memory only
  - match: {name: spare}
    mptcp-flags: [enabled, subflow]
  # profile "unmatched", in memory only
  - match: {name: unmatched}
    mptcp-flags: [enabled, subflow]

endpoints:
  # the running kernel; no file that adds it was found
  - {address: 198.51.100.1, port: 4000, interface: enp1s0, flags: [signal]}
  # the running kernel; no file that adds it was found
  - {address: 203.0.113.5, flags: [subflow]}
)yaml");
    expect_no_change(yaml, host);
}

TEST(Export, OfAHostWithDefaultsDeclaresNothing) {
    ObservedState host;
    host.mptcp_supported = true;
    host.sysctls = {{"enabled", "1"}, {"path_manager", "kernel"}, {"pm_type", "0"}};
    host.limits = Limits{2, 0};
    const std::string yaml = export_yaml(facts_of(host));
    EXPECT_EQ(yaml.find("\n\n"), std::string::npos) << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, OldNameOfThePathManagerIsLeftOut) {
    ObservedState host;
    host.mptcp_supported = true;
    host.sysctls = {{"path_manager", "userspace"}, {"pm_type", "1"}};
    const std::string yaml = export_yaml(facts_of(host));
    EXPECT_NE(yaml.find("  path_manager: userspace\n"), std::string::npos) << yaml;
    EXPECT_EQ(yaml.find("pm_type"), std::string::npos) << yaml;
}

TEST(Export, OldNameInAFileIsTheSourceOfThePathManager) {
    ObservedState host;
    host.mptcp_supported = true;
    host.sysctls = {{"path_manager", "userspace"}, {"pm_type", "1"}};
    ExportFacts facts = facts_of(host);
    facts.sysctl_lines = {{"pm_type", "1", "/etc/sysctl.d/90-pm.conf", 2}};
    const std::string yaml = export_yaml(facts);
    EXPECT_NE(yaml.find("  # /etc/sysctl.d/90-pm.conf:2\n  path_manager: userspace\n"), std::string::npos)
        << yaml;
    host.sysctls = std::map<std::string, std::string>{{"pm_type", "1"}};
    EXPECT_NE(export_yaml(facts).find("90-pm.conf:2\n  pm_type: 1\n"), std::string::npos)
        << "a kernel that has only the old name";
}

TEST(Export, BothNamesOfThePathManagerInATreeAreOneValue) {
    ExportFacts facts;
    facts.sysctl_lines = {
        {"path_manager", "kernel", "/mnt/etc/sysctl.d/90-pm.conf", 1},
        {"pm_type", "1", "/mnt/etc/sysctl.d/91-pm.conf", 1}};
    const std::string yaml = export_yaml(facts);
    EXPECT_EQ(
        yaml.substr(yaml.find("\n\n") + 2),
        "sysctl:\n  # /mnt/etc/sysctl.d/91-pm.conf:1\n  path_manager: userspace\n");
}

TEST(Export, UnitsWithMptcpizeOrAPreloadAreDeclared) {
    ObservedState host = settled_host();
    DesiredState declared;
    declared.units = {{"web.service", {"/etc/mptcp-keeper/config.yaml", 3, 5}}};
    ExportFacts facts = facts_of(host);
    facts.declared = &declared;
    facts.program_lines = {
        {"web.service", "through mptcpize", "/etc/systemd/system/web.service", 4},
        {"*.service", "with libmptcpwrap preloaded", "/etc/systemd/system/service.d/all.conf", 2}};
    const std::string yaml = export_yaml(facts);
    EXPECT_EQ(yaml.substr(yaml.find("\napplications:") + 1), R"yaml(applications:
  units:
    # /etc/systemd/system/service.d/all.conf:2, which starts it with libmptcpwrap preloaded
    - "*.service"
    # /etc/systemd/system/web.service:4, which starts it through mptcpize
    # /etc/mptcp-keeper/config.yaml:3
    - web.service
)yaml");
    expect_no_change(yaml, host);
    host.units = ObservedUnits{};
    host.units->systemd_runs = true;
    host.units->has_generator = true;
    EXPECT_EQ(export_yaml(facts), yaml) << "a missing drop-in is no reason to leave a unit out";
}

TEST(Export, ProgramsThatUseMptcpByBpfAndThoseThatNeverDoAreDeclared) {
    ObservedState host = settled_host();
    DesiredState declared;
    declared.sysctls["enabled"] = {"1", {"/etc/mptcp-keeper/config.yaml", 2, 3}};
    declared.units = {{"web.service", {"/etc/mptcp-keeper/config.yaml", 5, 5}}};
    declared.never = {{"bird*.service", {"/etc/mptcp-keeper/config.yaml", 6, 5}}};
    declared.all_programs = {true, {"/etc/mptcp-keeper/config.yaml", 7, 3}};
    declared.slices = {{"user.slice", {"/etc/mptcp-keeper/config.yaml", 8, 5}}};
    ExportFacts facts = facts_of(host);
    facts.declared = &declared;
    const std::string yaml = export_yaml(facts);
    EXPECT_EQ(yaml.substr(yaml.find("\napplications:") + 1), R"yaml(applications:
  units:
    # /etc/mptcp-keeper/config.yaml:5
    - web.service
  never:
    # /etc/mptcp-keeper/config.yaml:6
    - "bird*.service"
  # /etc/mptcp-keeper/config.yaml:7
  all: true
  slices:
    # /etc/mptcp-keeper/config.yaml:8
    - user.slice
)yaml");
    EXPECT_NE(yaml.find("\n  enabled: true\n"), std::string::npos) << yaml;
    host.program_hook = ObservedProgramHook{.is_attached = true, .request = to_text(hook_request(declared))};
    expect_no_change(yaml, host);
}

TEST(Export, EndpointThatOnlyAFileHasIsCommentedOut) {
    ObservedState host = settled_host();
    ExportFacts facts = facts_of(host);
    const EndpointFlags signal{EndpointFlag::signal};
    facts.endpoint_lines = {
        {key("198.18.0.1"), "enp9s0", signal, "/etc/systemd/system/ep.service", 4},
        {key("198.18.0.1"), "enp9s0", signal, "/etc/rc.local", 2}};
    const std::string yaml = export_yaml(facts);
    EXPECT_NE(
        yaml.find(
            "  # /etc/systemd/system/ep.service:4\n  # /etc/rc.local:2\n"
            "  # left out: the kernel does not have it, so apply would add it: remove the # to declare it\n"
            "  # - {address: 198.18.0.1, interface: enp9s0, flags: [signal]}\n"),
        std::string::npos)
        << yaml;
    EXPECT_EQ(yaml.find("198.18.0.1"), yaml.rfind("198.18.0.1")) << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, NamesTheLineWhoseAddressIsComputed) {
    const ObservedState host = settled_host();
    ExportFacts facts = facts_of(host);
    facts.computed_endpoint_lines = {"/etc/NetworkManager/dispatcher.d/20-mptcp:3"};
    const std::string yaml = export_yaml(facts);
    EXPECT_NE(
        yaml.find("  # /etc/NetworkManager/dispatcher.d/20-mptcp:3\n  # left out: its address is known "
                  "only when the command runs"),
        std::string::npos)
        << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, EndpointThatNetworkManagerCreatesIsCommentedOut) {
    ObservedState host = settled_host();
    ExportFacts facts = facts_of(host);
    const Endpoint& made = host.endpoints->front(); // lan one's
    facts.endpoint_lines = {{made.key, "enp4s0", made.flags, "/etc/rc.local", 2}};
    const std::string yaml = export_yaml(facts);
    EXPECT_NE(
        yaml.find("  # /etc/rc.local:2\n  # left out: NetworkManager creates it from profile \"lan one\"\n"),
        std::string::npos)
        << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, EndpointsThatNetworkManagerMayHaveCreatedAreCommentedOutWhileItIsNotRunning) {
    ObservedState host = settled_host();
    host.network_manager.reset();
    ExportFacts facts = facts_of(host);
    const Endpoint& bound = host.endpoints->front();
    ASSERT_NE(bound.ifindex, Ifindex{});
    facts.network_manager_devices = {bound.ifindex};
    const std::string entry = "- {address: " + to_string(bound.key.address) + ", interface: enp4s0";
    EXPECT_NE(export_yaml(facts).find("\n  # " + entry), std::string::npos) << export_yaml(facts);
    facts.ownership.endpoints[bound.key] = {};
    EXPECT_NE(export_yaml(facts).find("\n  " + entry), std::string::npos) << "mptcp-keeper created it";
    facts.ownership = {};
    facts.network_manager_devices = {};
    EXPECT_NE(export_yaml(facts).find("\n  " + entry), std::string::npos) << "NetworkManager never ran";
}

TEST(Export, WhatMptcpdMadeIsACommentWhileItRuns) {
    ObservedState host = settled_host();
    host.limits = Limits{3, 3};
    const Ifindex interface = host.links->front().ifindex;
    const Endpoint by_hand{key("203.0.113.9"), {EndpointFlag::signal}, {}, {}};
    const Endpoint of_mptcpd{key("203.0.113.1"), {EndpointFlag::subflow}, interface, {}};
    host.endpoints->push_back(by_hand);
    host.endpoints->push_back(of_mptcpd);
    ExportFacts facts = facts_of(host);
    facts.limit_lines = {{"subflows", "8", "/etc/rc.local", 2}};
    facts.mptcpd = RunningMptcpd{.pid = 7, .flags = {EndpointFlag::subflow}};
    const std::string yaml = export_yaml(facts);
    for (const char* expected :
         {"  # left out: mptcpd (pid 7, mptcp.service) sets it (now 3): stop it and remove the # to use "
          "the value of the file\n  # subflows: 8\n",
          "stop it and declare what this host needs\n  # add_addr_accepted: 3\n",
          "  - {address: 203.0.113.9, flags: [signal]}\n",
          "  # - {address: 203.0.113.1, interface: "}) {
        EXPECT_NE(yaml.find(expected), std::string::npos) << expected << yaml;
    }
    expect_no_change(yaml, host);
    facts.mptcpd.reset();
    EXPECT_NE(export_yaml(facts).find("\n  - {address: 203.0.113.1"), std::string::npos);
}

TEST(Export, InvalidItemsAreCommentedOut) {
    ObservedState host = settled_host();
    host.network_manager->profiles.clear();
    host.sysctls = {{"close_timeout", "-1"}, {"blackhole_timeout", "7"}};
    host.endpoints = {{key("203.0.113.7"), {}, {}, {1}}};
    const std::string yaml = export_yaml(facts_of(host));
    EXPECT_NE(yaml.find("\n  # close_timeout: -1\n"), std::string::npos) << yaml;
    EXPECT_NE(yaml.find("\n  # left out: "), std::string::npos) << yaml;
    EXPECT_NE(yaml.find("\n# endpoints:\n"), std::string::npos) << yaml;
    EXPECT_NE(yaml.find("\n  blackhole_timeout: 7\n"), std::string::npos) << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, PendingFlagsStayPending) {
    ObservedState host = settled_host();
    Profile& lan = host.network_manager->profiles.at(1);
    lan.stored = {MptcpFlag::signal};
    const std::string yaml = export_yaml(facts_of(host));
    EXPECT_NE(yaml.find("    mptcp-flags: [signal]\n    activation: defer\n"), std::string::npos) << yaml;
    EXPECT_NE(yaml.find("# enp4s0 still uses enabled,subflow"), std::string::npos) << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, ProfileWhoseEndpointWasRemovedIsCommentedOut) {
    ObservedState host = settled_host();
    host.endpoints->erase(host.endpoints->begin()); // lan one's, which apply would restore
    const std::string yaml = export_yaml(facts_of(host));
    EXPECT_NE(yaml.find("  # - match: {name: \"lan one\"}\n"), std::string::npos) << yaml;
    expect_no_change(yaml, host);
}

TEST(Export, ProfilesWithTheSameNameAreMatchedByUuid) {
    ObservedState host = settled_host();
    host.network_manager->profiles.at(3).name = "spare";
    host.network_manager->profiles.at(1).name = "lan*";
    const std::string yaml = export_yaml(facts_of(host));
    for (const char* uuid : {"uuid-spare", "uuid-unmatched", "uuid-lan one"}) {
        EXPECT_NE(yaml.find(uuid), std::string::npos) << uuid << "\n" << yaml;
    }
    EXPECT_EQ(yaml.find("{name:"), std::string::npos) << yaml;
}

TEST(Export, PinnedIdsAndDefaultsAreKept) {
    ObservedState host = settled_host();
    const DesiredState declared = status_fixture::declaration();
    ExportFacts facts = facts_of(host);
    facts.declared = &declared;
    const std::string yaml = export_yaml(facts);
    EXPECT_NE(yaml.find("port: 4000, interface: enp1s0, flags: [signal], id: 5}"), std::string::npos) << yaml;
    EXPECT_NE(yaml.find("  # /etc/mptcp-keeper/config.yaml:7\n  enabled: true\n"), std::string::npos) << yaml;
    EXPECT_EQ(yaml.find("close_timeout"), std::string::npos) << "this kernel does not have it\n" << yaml;
}

TEST(Export, OfAnUnbootedTreeUsesItsFiles) {
    ExportFacts facts;
    facts.sysctl_lines = {{"enabled", "0", "/mnt/a.conf", 1}, {"enabled", "1", "/mnt/b.conf", 2}};
    facts.limit_lines = {{"subflows", "3", "/mnt/etc/systemd/system/set_mptcp_limit.service", 6}};
    facts.keyfiles = {
        {"wan", "3c1b", {MptcpFlag::signal}, "/mnt/etc/wan.nmconnection", 4},
        {"lan", "4c1b", {}, "/mnt/etc/lan.nmconnection", 0}};
    facts.endpoint_lines = {{key("192.0.2.1"), "enp1s0", {EndpointFlag::signal}, "/mnt/etc/rc.local", 3}};
    const std::string yaml = export_yaml(facts);
    EXPECT_EQ(yaml.substr(yaml.find("\n\n") + 2), R"yaml(sysctl:
  # /mnt/b.conf:2
  enabled: true

limits:
  # /mnt/etc/systemd/system/set_mptcp_limit.service:6
  subflows: 3

profiles:
  # /mnt/etc/wan.nmconnection:4
  - match: {name: wan}
    mptcp-flags: [signal]

endpoints:
  # /mnt/etc/rc.local:3
  - {address: 192.0.2.1, interface: enp1s0, flags: [signal]}
)yaml");
}

TEST(Leftovers, TextIsAScript) {
    EXPECT_EQ(
        leftovers_text({{"/etc/x", "does something", {"rm /etc/x"}}}),
        "# Files that mptcp-keeper replaces, and the commands that remove or disable them. First install a\n"
        "# configuration with the same settings: `mptcp-keeper export` writes one.\n"
        "\n# /etc/x does something\nrm /etc/x\n");
}

} // namespace

} // namespace keeper
