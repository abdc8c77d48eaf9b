// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/config_hash.hpp"

#include <functional>
#include <map>

#include "support/config_support.hpp"
#include "support/values.hpp"

namespace keeper {
namespace {

using Texts = std::vector<std::string>;
using test::key;

std::string hash_of(const Texts& texts) {
    const LoadedConfig config = parse(texts);
    EXPECT_EQ(printed(config.errors), Texts{});
    return config.hash;
}

std::string hash_of(const std::string& text) {
    return hash_of(Texts{text});
}

// These hashes are a promise: hosts and inventories compare them across releases. Each is also what
// `printf '%s' TEXT | sha256sum` prints.
TEST(ConfigHash, IsTheDigestOfTheCanonicalText) {
    const std::string nothing = R"({"version":1})";
    EXPECT_EQ(canonical_text({}), nothing);
    EXPECT_EQ(config_hash({}), "sha256:2430f1a2ad2982d0067885488a4c89e21ad1d7c83b115ba8f1b20acc88dfaea8");

    const std::string everything = R"(version: 1
sysctl: {enabled: true, add_addr_timeout: 30, scheduler: default}
limits: {subflows: 3, add_addr_accepted: 2}
profiles:
  - {match: {name: ["wan*", a], type: wifi}, except: {interface: eth0}, mptcp-flags: "subflow,signal", activation: defer}
  - {match: {uuid: 6F2AD1A6-8D0B-4E9C-9D0A-0B8D3F6A2C11}, mptcp-flags: null}
endpoints:
  - {address: 198.51.100.1, interface: eth1, flags: [signal], port: 4000, id: 5}
  - {address: "2001:DB8:0::2", state: absent}
applications: {units: [b.service, a.service], never: "c.socket", all: true, slices: [user.slice]}
reconcile: {mode: report, interval: 2s}
)";
    EXPECT_EQ(
        canonical_text(declared(everything)),
        R"({"applications":{"all":true,"never":["c.socket"],"slices":["user.slice"],)"
        R"("units":["a.service","b.service"]},)"
        R"("endpoints":[{"address":"198.51.100.1","flags":["signal"],"id":5,"interface":"eth1","port":4000},)"
        R"({"address":"2001:db8::2","state":"absent"}],)"
        R"("limits":{"add_addr_accepted":2,"subflows":3},)"
        R"("profiles":[{"activation":"defer","except":{"interface":["eth0"]},)"
        R"("match":{"name":["a","wan*"],"type":["802-11-wireless"]},"mptcp-flags":["signal","subflow"]},)"
        R"({"match":{"uuid":["6f2ad1a6-8d0b-4e9c-9d0a-0b8d3f6a2c11"]},"mptcp-flags":null}],)"
        R"("reconcile":{"interval_ms":2000,"mode":"report"},)"
        R"("sysctl":{"add_addr_timeout":"30","enabled":"1","scheduler":"default"},"version":1})");
    EXPECT_EQ(hash_of(everything), "sha256:f15ccdd3d03875fc1b774c6a6193443377b821b855d1c2d256e5a1463e7afcff");
}

TEST(ConfigHash, IsTheSameWithoutFilesAndWithFilesThatDeclareNothing) {
    const std::string nothing = hash_of(Texts{});
    for (const std::string text : {"", "# nothing\n", "version: 1\n", "limits: {}\n", "null\n"}) {
        EXPECT_EQ(hash_of(text), nothing) << text;
    }
}

TEST(ConfigHash, LeavesOutWhatIsEqualToItsDefault) {
    const std::string nothing = hash_of(Texts{});
    EXPECT_EQ(hash_of("reconcile: {mode: enforce, interval: 1000ms}\n"), nothing);
    EXPECT_EQ(hash_of("applications: {units: [], all: false}\n"), nothing);
    EXPECT_EQ(hash_of("metrics: {counters: false}\n"), nothing);
    const std::string rule = "profiles: [{match: {name: a}, mptcp-flags: signal";
    EXPECT_EQ(hash_of(rule + ", activation: auto}]\n"), hash_of(rule + "}]\n"));
}

TEST(ConfigHash, ForgetsWhatLaterFilesWithdraw) {
    EXPECT_EQ(
        hash_of(Texts{"limits: {subflows: 3}\nsysctl: {enabled: 1}\n", "limits: null\n"}),
        hash_of("sysctl: {enabled: 1}\n"));
}

TEST(ConfigHash, ExistsOnlyForAValidConfiguration) {
    EXPECT_EQ(parse("limits: {subflows: lots}\n").hash, "");
}

TEST(ConfigHash, KeepsTheOrderOfRules) {
    const std::string a = "{match: {name: a}, mptcp-flags: signal}";
    const std::string b = "{match: {name: b}, mptcp-flags: signal}";
    EXPECT_NE(hash_of("profiles: [" + a + ", " + b + "]\n"), hash_of("profiles: [" + b + ", " + a + "]\n"));
}

TEST(ConfigHash, IsShortenedForReports) {
    EXPECT_EQ(short_hash("sha256:0123456789abcdef"), "0123456789ab");
    EXPECT_EQ(short_hash(""), "");
}

/// A declaration in which every field has a value other than its default.
DesiredState complete() {
    DesiredState desired;
    desired.sysctls = {{"enabled", {"1", {"f", 1, 1}}}, {"add_addr_timeout", {"30", {"f", 2, 1}}}};
    desired.subflows = Declared<std::uint32_t>{3, {"f", 3, 1}};
    desired.add_addr_accepted = Declared<std::uint32_t>{2, {"f", 4, 1}};
    ProfileRule rule = test::rule("wan*", {MptcpFlag::signal});
    rule.match = {.names = {"wan*"}, .uuids = {"u"}, .interfaces = {"eth0"}, .types = {"wifi"}};
    rule.except = rule.match;
    rule.activation = Activation::reapply;
    desired.profiles = {rule, test::rule("last", {MptcpFlag::subflow})};
    DesiredEndpoint endpoint = test::desired_endpoint({EndpointFlag::signal});
    endpoint.interface = "eth0";
    endpoint.id = EndpointId{5};
    desired.endpoints = {{key("192.0.2.1:4000"), endpoint}, {key("2001:db8::1"), test::absent_endpoint()}};
    desired.units = {{"a.service", {"f", 5, 1}}};
    desired.never = {{"b.service", {"f", 6, 1}}};
    desired.slices = {{"user.slice", {"f", 7, 1}}};
    desired.all_programs = Declared<bool>{true, {"f", 8, 1}};
    desired.metrics.textfile = {"/run/a.prom", {"f", 11, 1}};
    desired.metrics.counters = Declared<bool>{true, {"f", 12, 1}};
    desired.reconcile.mode = {ReconcileMode::report, {"f", 9, 1}};
    desired.reconcile.interval = {std::chrono::milliseconds(2000), {"f", 10, 1}};
    return desired;
}

using Edit = std::function<void(DesiredState&)>;

/// Edits of complete(), each of one field.
const std::map<std::string, Edit>& edits() {
    static const std::map<std::string, Edit> all{
        {"sysctl value", [](auto& d) { d.sysctls["enabled"].value = "0"; }},
        {"sysctl other", [](auto& d) { d.sysctls["add_addr_timeout"].value = "31"; }},
        {"sysctl added", [](auto& d) { d.sysctls["scheduler"].value = "default"; }},
        {"sysctl removed", [](auto& d) { d.sysctls.erase("enabled"); }},
        {"subflows", [](auto& d) { d.subflows->value = 2; }},
        {"subflows removed", [](auto& d) { d.subflows.reset(); }},
        {"subflows zero", [](auto& d) { d.subflows->value = 0; }},
        {"add_addr_accepted", [](auto& d) { d.add_addr_accepted->value = 3; }},
        {"add_addr_accepted removed", [](auto& d) { d.add_addr_accepted.reset(); }},
        {"match name", [](auto& d) { d.profiles[0].match.names = {"wan"}; }},
        {"match name added", [](auto& d) { d.profiles[0].match.names.push_back("x"); }},
        {"match uuid", [](auto& d) { d.profiles[0].match.uuids = {"v"}; }},
        {"match interface", [](auto& d) { d.profiles[0].match.interfaces = {"eth1"}; }},
        {"match type", [](auto& d) { d.profiles[0].match.types.clear(); }},
        {"except name", [](auto& d) { d.profiles[0].except->names = {"wan"}; }},
        {"except uuid", [](auto& d) { d.profiles[0].except->uuids = {"v"}; }},
        {"except removed", [](auto& d) { d.profiles[0].except.reset(); }},
        {"flags", [](auto& d) { d.profiles[0].flags = MptcpFlags{MptcpFlag::subflow}; }},
        {"flags default", [](auto& d) { d.profiles[0].flags = MptcpFlags{}; }},
        {"flags null", [](auto& d) { d.profiles[0].flags.reset(); }},
        {"activation", [](auto& d) { d.profiles[0].activation = Activation::automatic; }},
        {"activation other", [](auto& d) { d.profiles[0].activation = Activation::defer; }},
        {"rules swapped", [](auto& d) { std::swap(d.profiles[0], d.profiles[1]); }},
        {"rule removed", [](auto& d) { d.profiles.pop_back(); }},
        {"endpoint flags",
         [](auto& d) { d.endpoints[key("192.0.2.1:4000")].flags = {EndpointFlag::laminar}; }},
        {"endpoint interface", [](auto& d) { d.endpoints[key("192.0.2.1:4000")].interface = "eth1"; }},
        {"endpoint interface removed", [](auto& d) { d.endpoints[key("192.0.2.1:4000")].interface.reset(); }},
        {"endpoint id", [](auto& d) { d.endpoints[key("192.0.2.1:4000")].id = EndpointId{6}; }},
        {"endpoint id removed", [](auto& d) { d.endpoints[key("192.0.2.1:4000")].id.reset(); }},
        {"endpoint absent", [](auto& d) { d.endpoints[key("192.0.2.1:4000")].absent = true; }},
        {"endpoint present", [](auto& d) { d.endpoints[key("2001:db8::1")].absent = false; }},
        {"endpoint removed", [](auto& d) { d.endpoints.erase(key("2001:db8::1")); }},
        {"endpoint port",
         [](auto& d) {
             auto moved = d.endpoints.extract(key("192.0.2.1:4000"));
             moved.key() = key("192.0.2.1:4001");
             d.endpoints.insert(std::move(moved));
         }},
        {"endpoint address",
         [](auto& d) {
             auto moved = d.endpoints.extract(key("192.0.2.1:4000"));
             moved.key() = key("192.0.2.2:4000");
             d.endpoints.insert(std::move(moved));
         }},
        {"units", [](auto& d) { d.units["c.service"]; }},
        {"units removed", [](auto& d) { d.units.clear(); }},
        {"never", [](auto& d) { d.never["c.service"]; }},
        {"unit moved to never", [](auto& d) { d.never.merge(d.units); }},
        {"slices", [](auto& d) { d.slices["c.slice"]; }},
        {"all", [](auto& d) { d.all_programs->value = false; }},
        {"textfile", [](auto& d) { d.metrics.textfile->value = "/run/b.prom"; }},
        {"textfile removed", [](auto& d) { d.metrics.textfile.reset(); }},
        {"counters", [](auto& d) { d.metrics.counters->value = false; }},
        {"mode", [](auto& d) { d.reconcile.mode.value = ReconcileMode::manual; }},
        {"mode default", [](auto& d) { d.reconcile.mode.value = ReconcileMode::enforce; }},
        {"interval", [](auto& d) { d.reconcile.interval.value = std::chrono::milliseconds(2001); }},
    };
    return all;
}

TEST(ConfigHash, DiffersForEveryChangeOfAField) {
    std::map<std::string, std::string> names{{config_hash(complete()), "the original"}};
    for (const auto& [name, edit] : edits()) {
        DesiredState changed = complete();
        edit(changed);
        const auto [same, is_new] = names.emplace(config_hash(changed), name);
        EXPECT_TRUE(is_new) << name << " has the hash of " << same->second;
    }
}

TEST(ConfigHash, DoesNotDependOnPositions) {
    DesiredState moved = complete();
    for (auto& [name, declared] : moved.sysctls) {
        declared.source = {"g", 7, 7};
    }
    moved.subflows->source = moved.add_addr_accepted->source = moved.all_programs->source = {"g", 8, 8};
    moved.metrics.textfile->source = moved.metrics.counters->source = {"g", 9, 9};
    moved.reconcile.mode.source = moved.reconcile.interval.source = {};
    for (ProfileRule& rule : moved.profiles) {
        rule.source = {"h", 1, 1};
    }
    for (auto& [at, endpoint] : moved.endpoints) {
        endpoint.source = {"h", 2, 2};
    }
    for (auto* names : {&moved.units, &moved.never, &moved.slices}) {
        for (auto& [name, source] : *names) {
            source = {"i", 3, 3};
        }
    }
    EXPECT_FALSE(moved == complete());
    EXPECT_EQ(config_hash(moved), config_hash(complete()));
}

} // namespace
} // namespace keeper
