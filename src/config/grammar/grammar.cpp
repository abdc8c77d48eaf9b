// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/grammar/grammar.hpp"

#include <algorithm>

#include "config/grammar/grammar_parts.hpp"
#include "config/grammar/remarks.hpp"
#include "model/endpoint.hpp"
#include "model/mptcp_flags.hpp"

namespace keeper {

namespace {

Spec nullable(Spec spec) {
    spec.nullable = true;
    return spec;
}

Spec list_of(Spec item, std::string help) {
    return {std::move(help), ListForm{.item = {std::move(item)}, .also_single = false, .may_be_empty = true}};
}

Spec one_or_more(Spec item) {
    std::string help = item.help;
    return {std::move(help), ListForm{.item = {std::move(item)}, .also_single = true, .may_be_empty = false}};
}

Spec text(std::string pattern, std::size_t max_length, std::string expected, std::string help) {
    return {
        std::move(help),
        TextForm{
            .pattern = Pattern(std::move(pattern)),
            .max_length = max_length,
            .expected = std::move(expected)}};
}

Spec glob(std::string help) {
    return {
        std::move(help),
        TextForm{
            .pattern = Pattern(".+"),
            .max_length = 255,
            .expected = "a name or a glob such as \"wan*\"",
            .also_number = true}};
}

Spec match_spec(std::string help) {
    MapForm map;
    map.may_be_empty = false;
    map.keys = {
        {"name", one_or_more(glob("connection.id, or a glob (fnmatch, case-sensitive)"))},
        {"uuid",
         one_or_more(text(
             "[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
             36,
             "a UUID such as 6f2ad1a6-8d0b-4e9c-9d0a-0b8d3f6a2c11",
             "connection.uuid"))},
        {"interface",
         one_or_more(glob("the profile's interface-name or the device it is active on, or a glob"))},
        {"type",
         one_or_more(text(
             "[0-9a-z][0-9a-z-]*",
             64,
             "a connection type such as ethernet or wifi",
             "connection.type, or nmcli's short name for it"))},
    };
    return {std::move(help), std::move(map)};
}

Spec profile_spec() {
    MapForm map;
    map.keys = {
        {.name = "match",
         .value = match_spec("which profiles: all keys must match, any value of a key suffices"),
         .is_required = true},
        {"except", match_spec("profiles that match this are left out")},
        {.name = "mptcp-flags",
         .value = nullable(
             {"connection.mptcp-flags; null leaves the profile untouched",
              WordsForm{mptcp_flag_names(), remark_on_mptcp_flag}}),
         .is_required = true},
        {"activation",
         {"how a live device is updated: auto uses the least disruptive means, reapply always reapplies, "
          "defer waits for the next activation",
          ChoiceForm{{"auto", "reapply", "defer"}}}},
    };
    return {"a rule for NetworkManager profiles; only the last rule that matches a profile applies", map};
}

Spec endpoint_spec() {
    MapForm map;
    map.keys = {
        {.name = "address",
         .value =
             {"the local IPv4 or IPv6 address",
              TextForm{
                  .pattern = Pattern("([0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"),
                  .max_length = 45,
                  .expected = "a usable IPv4 or IPv6 address",
                  .remark = remark_on_address}},
         .is_required = true},
        {"interface",
         {"the interface that has the address",
          TextForm{
              .pattern = Pattern(R"((?!\.{1,2}$)[^/:\s]{1,15})"),
              .max_length = 15,
              .expected = "an interface name of 1 to 15 characters without /, : or whitespace",
              .also_number = true}}},
        {"flags",
         {"how the endpoint is used; not needed with state: absent",
          WordsForm{declarable_endpoint_flag_names(), remark_on_endpoint_flag}}},
        {"port",
         {"TCP port to announce; requires the flag signal", IntegerForm{.minimum = 1, .maximum = 65535}}},
        {"id",
         {"pins the endpoint's id; without it the kernel chooses",
          IntegerForm{.minimum = 1, .maximum = 255}}},
        {"state", {"absent: the endpoint must not exist", ChoiceForm{{"absent"}}}},
    };
    return {"an address that NetworkManager does not give to MPTCP", std::move(map)};
}

Spec limits_spec() {
    MapForm map;
    map.keys = {
        {"subflows",
         nullable({"additional subflows allowed per connection", IntegerForm{.minimum = 0, .maximum = 64}})},
        {"add_addr_accepted",
         nullable(
             {"addresses announced by the peer that a connection accepts",
              IntegerForm{.minimum = 0, .maximum = 64}})},
    };
    return {"limits of the path manager, per MPTCP connection", std::move(map)};
}

Spec list_of_units(std::string help) {
    return nullable(
        {std::move(help),
         ListForm{
             .item =
                 {{"a .service or .socket unit, or a glob",
                   TextForm{
                       .pattern = Pattern(R"([A-Za-z0-9:_.\\@*?!\[\]-]+\.(service|socket))"),
                       .max_length = 255,
                       .expected = "a systemd unit such as iperf3.service",
                       .remark = remark_on_unit}}},
             .also_single = true,
             .may_be_empty = true}});
}

Spec applications_spec() {
    MapForm map;
    map.keys = {
        {"units", list_of_units("systemd units whose TCP sockets become MPTCP, or globs")},
        {"never", list_of_units("systemd units whose programs stay on TCP, or globs")},
        {"all", nullable({"all programs of the host, by BPF (package mptcp-keeper-bpf)", BooleanForm{}})},
        {"slices",
         nullable(
             {"programs of these systemd slices and of the slices below them, by BPF",
              ListForm{
                  .item =
                      {{"a slice",
                        TextForm{
                            .pattern = Pattern(R"((?!-\.slice$)[A-Za-z0-9:_.\\-]+\.slice)"),
                            .max_length = 255,
                            .expected = "a systemd slice such as user.slice",
                            .remark = remark_on_slice}}},
                  .also_single = true,
                  .may_be_empty = true}})},
    };
    return {"programs that use MPTCP, and programs that do not", std::move(map)};
}

Spec metrics_spec() {
    MapForm map;
    map.keys = {
        {"textfile",
         nullable(
             {"the file for node_exporter's textfile collector that the daemon writes, an absolute path that "
              "ends in .prom",
              TextForm{
                  .pattern = Pattern(R"((/(?!\.{1,2}/)[^/\x01-\x1f\x7f]+)*/[^/\x01-\x1f\x7f]+\.prom)"),
                  .max_length = 255,
                  .expected = "an absolute path that ends in .prom",
                  .remark = remark_on_textfile}})},
        {"counters",
         nullable(
             {"include the kernel's MPTcpExt counters, which node_exporter can export itself",
              BooleanForm{}})},
    };
    return {"the daemon's metrics for Prometheus", std::move(map)};
}

Spec reconcile_spec() {
    MapForm map;
    map.keys = {
        {"mode",
         nullable(
             {"enforce repairs drift, report only reports it, manual leaves everything to apply",
              ChoiceForm{{"enforce", "report", "manual"}}})},
        {"interval",
         nullable(
             {"how often to poll for changes that the kernel does not announce, 100ms to 1h",
              TextForm{
                  .pattern = Pattern(R"([0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h))"),
                  .max_length = 16,
                  .expected = "a duration such as 500ms, 1s or 2m",
                  .remark = remark_on_interval}})},
    };
    return {"how the daemon handles drift", std::move(map)};
}

Spec file_spec() {
    MapForm map;
    map.keys = {
        {"version", {"version of this file format", IntegerForm{.minimum = 1, .maximum = 1}}},
        {"sysctl", nullable(sysctl_spec())},
        {"limits", nullable(limits_spec())},
        {"profiles", nullable(list_of(profile_spec(), "NetworkManager connection profiles"))},
        {"endpoints", nullable(list_of(endpoint_spec(), "endpoints of the in-kernel path manager"))},
        {"applications", nullable(applications_spec())},
        {"metrics", nullable(metrics_spec())},
        {"reconcile", nullable(reconcile_spec())},
    };
    return {
        .help = "mptcp-keeper: the Multipath TCP configuration of a host",
        .form = std::move(map),
        .nullable = true};
}

} // namespace

const Spec& config_grammar() {
    static const Spec grammar = file_spec();
    return grammar;
}

const KeySpec* find_key(const MapForm& map, std::string_view name) {
    const auto found =
        std::find_if(map.keys.begin(), map.keys.end(), [&](const KeySpec& key) { return key.name == name; });
    return found == map.keys.end() ? nullptr : &*found;
}

std::vector<std::string> key_names(const MapForm& map) {
    std::vector<std::string> result;
    for (const KeySpec& key : map.keys) {
        if (key.refusal.empty()) {
            result.push_back(key.name);
        }
    }
    return result;
}

} // namespace keeper
