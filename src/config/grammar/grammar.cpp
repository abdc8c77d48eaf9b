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
    return {std::move(help), ListForm{{std::move(item)}, false, true}};
}

Spec one_or_more(Spec item) {
    std::string help = item.help;
    return {std::move(help), ListForm{{std::move(item)}, true, false}};
}

Spec text(std::string pattern, std::size_t max_length, std::string expected, std::string help) {
    return {std::move(help), TextForm{Pattern(std::move(pattern)), max_length, std::move(expected)}};
}

Spec glob(std::string help) {
    return {
        std::move(help), TextForm{Pattern(".+"), 255, "a name or a glob such as \"wan*\"", true, nullptr}};
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
             "connection.type, or nmcli's short word for it"))},
    };
    return {std::move(help), std::move(map)};
}

Spec profile_spec() {
    MapForm map;
    map.keys = {
        {"match", match_spec("which profiles: all keys must hold, within a key any of the values"), true},
        {"except", match_spec("profiles that fit this are left out")},
        {"mptcp-flags",
         nullable(
             {"connection.mptcp-flags; null leaves the profile untouched",
              WordsForm{mptcp_flag_names(), remark_on_mptcp_flag}}),
         true},
        {"activation",
         {"how a live device follows: auto takes the least disturbing means, reapply always reapplies, defer "
          "waits for the next activation",
          ChoiceForm{{"auto", "reapply", "defer"}}}},
    };
    return {"a rule for NetworkManager profiles; the last rule that matches a profile decides alone", map};
}

Spec endpoint_spec() {
    MapForm map;
    map.keys = {
        {"address",
         {"the local IPv4 or IPv6 address",
          TextForm{
              Pattern("([0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"),
              45,
              "a usable IPv4 or IPv6 address",
              false,
              remark_on_address}},
         true},
        {"interface",
         {"the interface that has the address",
          TextForm{
              Pattern(R"((?!\.{1,2}$)[^/:\s]{1,15})"),
              15,
              "an interface name of 1 to 15 characters without /, : and blanks",
              true,
              nullptr}}},
        {"flags",
         {"what the endpoint is for; not needed with state: absent",
          WordsForm{declarable_endpoint_flag_names(), remark_on_endpoint_flag}}},
        {"port", {"TCP port to announce, with the flag signal only", IntegerForm{1, 65535, "", false}}},
        {"id", {"pins the endpoint's id; without it the kernel chooses", IntegerForm{1, 255, "", false}}},
        {"state", {"absent: the endpoint shall not exist", ChoiceForm{{"absent"}}}},
    };
    return {"an address that NetworkManager does not hand to MPTCP", std::move(map)};
}

Spec limits_spec() {
    MapForm map;
    map.keys = {
        {"subflows",
         nullable({"additional subflows that a connection may have", IntegerForm{0, 64, "", false}})},
        {"add_addr_accepted",
         nullable(
             {"announced addresses of the peer that a connection may use", IntegerForm{0, 64, "", false}})},
    };
    return {"limits of the path manager, per MPTCP connection", std::move(map)};
}

Spec applications_spec() {
    MapForm map;
    map.keys = {
        {"units",
         nullable(
             {"systemd units whose TCP sockets become MPTCP, or globs",
              ListForm{
                  {{"a .service or .socket unit, or a glob",
                    TextForm{
                        Pattern(R"([A-Za-z0-9:_.\\@*?!\[\]-]+\.(service|socket))"),
                        255,
                        "a systemd unit such as iperf3.service",
                        false,
                        remark_on_unit}}},
                  true,
                  true}})},
        {"all",
         nullable(
             {"every program of the host",
              BooleanForm{
                  false,
                  "turning every program of the host to MPTCP is not available yet: name the units"}})},
    };
    return {"programs that shall use MPTCP", std::move(map)};
}

Spec reconcile_spec() {
    MapForm map;
    map.keys = {
        {"mode",
         nullable(
             {"enforce repairs drift, report only tells of it, manual leaves everything to apply",
              ChoiceForm{{"enforce", "report", "manual"}}})},
        {"interval",
         nullable(
             {"how often to poll for what the kernel does not announce, 100ms to 1h",
              TextForm{
                  Pattern(R"([0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h))"),
                  16,
                  "a duration such as 500ms, 1s or 2m",
                  false,
                  remark_on_interval}})},
    };
    return {"what the daemon does about drift", std::move(map)};
}

Spec file_spec() {
    MapForm map;
    map.keys = {
        {"version", {"version of this grammar", IntegerForm{1, 1, "", false}}},
        {"sysctl", nullable(sysctl_spec())},
        {"limits", nullable(limits_spec())},
        {"profiles", nullable(list_of(profile_spec(), "NetworkManager connection profiles"))},
        {"endpoints", nullable(list_of(endpoint_spec(), "endpoints of the in-kernel path manager"))},
        {"applications", nullable(applications_spec())},
        {"reconcile", nullable(reconcile_spec())},
    };
    return {"mptcp-keeper: a host's Multipath TCP", std::move(map), true};
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
